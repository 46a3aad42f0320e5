trigger InstalledUnitTrigger on Installed_Unit__c (after insert, after update, after delete) {
    Set<Id> customers = new Set<Id>();
    for (Installed_Unit__c unit : Trigger.isDelete ? Trigger.old : Trigger.new) {
        customers.add(unit.Account__c);
    }
    AccountTriggerHandler.countUnits(customers);
}
