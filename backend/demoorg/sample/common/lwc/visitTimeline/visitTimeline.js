import { LightningElement, api, wire } from 'lwc';
import visitsOfUnit from '@salesforce/apex/InstalledUnitController.visitsOfUnit';

export default class VisitTimeline extends LightningElement {
    @api recordId;

    @wire(visitsOfUnit, { unitId: '$recordId' })
    visits;
}
