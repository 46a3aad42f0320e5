import { LightningElement, api, wire } from 'lwc';
import dueFor from '@salesforce/apex/RenewalService.dueFor';
import TITLE from '@salesforce/label/c.Renewal_Panel_Title';
import DUE_SOON from '@salesforce/label/c.Renewal_Due_Soon';

export default class RenewalPanel extends LightningElement {
    @api recordId;
    title = TITLE;

    @wire(dueFor, { accountId: '$recordId' })
    renewals;

    get rows() {
        return (this.renewals.data || []).map((renewal) => ({
            ...renewal,
            hint: renewal.Days_Left__c < 60 ? DUE_SOON : ''
        }));
    }
}
