import { LightningElement, api, wire } from 'lwc';
import unitsOfSite from '@salesforce/apex/InstalledUnitController.unitsOfSite';
import NO_UNITS from '@salesforce/label/c.No_Units_At_Site';

const columns = [
    { label: 'Unit', fieldName: 'Name' },
    { label: 'Serial Number', fieldName: 'Serial_Number__c' },
    { label: 'Status', fieldName: 'Status__c' },
    { label: 'Next Service', fieldName: 'Next_Service__c', type: 'date' },
    { label: 'In Warranty', fieldName: 'In_Warranty__c', type: 'boolean' }
];

export default class InstalledUnitList extends LightningElement {
    @api recordId;
    columns = columns;
    noUnits = NO_UNITS;

    @wire(unitsOfSite, { siteId: '$recordId' })
    units;

    get isEmpty() {
        return this.units.data && this.units.data.length === 0;
    }
}
