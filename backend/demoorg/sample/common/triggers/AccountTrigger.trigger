trigger AccountTrigger on Account (before insert, before update) {
    AccountTriggerHandler.beforeSave(Trigger.new, Trigger.oldMap);
}
