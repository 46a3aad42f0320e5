trigger ServiceVisitTrigger on Service_Visit__c (after update) {
    ServiceVisitService.complete(Trigger.new);
}
