export namespace governance {
	
	export enum Change {
	    Add = "add",
	    Change = "change",
	    Delete = "delete",
	}
	export enum ChangeType {
	    Major = "Major",
	    Minor = "Minor",
	    Standard = "Standard",
	}
	export enum Status {
	    Approved = "Approved",
	    Cancelled = "Cancelled",
	    Completed = "Completed",
	    InProgress = "In Progress",
	    PendingApproval = "Pending Approval",
	    Rejected = "Rejected",
	}
	export interface Attachment {
	    name: string;
	    sha256: string;
	    size: number;
	}
	export interface Customization {
	    action: Change;
	    name: string;
	    type: string;
	}
	export interface ManifestMember {
	    names: string[];
	    type: string;
	}
	export interface PackageManifest {
	    apiVersion: string;
	    members: ManifestMember[];
	    name: string;
	}
	export interface ChangeRequest {
	    id: string;
	    number: number;
	    name: string;
	    overview: string;
	    type: ChangeType;
	    supportingText: string;
	    externalLink: string;
	    externalNumber: string;
	    attachments: Attachment[];
	    changeSets: string[];
	    manifests: PackageManifest[];
	    customizations: Customization[];
	    authors: string[];
	    status: Status;
	    round: number;
	    revision: string;
	    parents: string[];
	    createdAt: string;
	    updatedAt: string;
	}
	
	

}

export namespace workspace {
	
	export interface ChangeRequestPage {
	    items: governance.ChangeRequest[];
	    total: number;
	}

}

