trigger RenewalTrigger on Renewal__c (before insert, before update) {
    RenewalService.propose(Trigger.new);
}
