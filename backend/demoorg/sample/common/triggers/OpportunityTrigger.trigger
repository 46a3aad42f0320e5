trigger OpportunityTrigger on Opportunity (before insert, before update, after update) {
    if (Trigger.isBefore) {
        OpportunityTriggerHandler.beforeSave(Trigger.new);
    } else {
        OpportunityTriggerHandler.sendOrders(Trigger.new, Trigger.oldMap);
    }
}
