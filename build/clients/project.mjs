// A small project of our own that both clients work on: something of each way
// in which metadata lies in files (with and without -meta.xml, in folders, in
// bundles, several components in one file, bytes that are no text).
const ns = 'xmlns="http://soap.sforce.com/2006/04/metadata"';
export const xml = (root, body) => `<?xml version="1.0" encoding="UTF-8"?>\n<${root} ${ns}>\n${body}\n</${root}>\n`;

export const version = "66.0";

/** A manifest of { type: [member, ...] }; `at` null leaves the version out, as destructive changes do. */
export const manifest = (types, at = version) =>
  xml(
    "Package",
    [
      ...Object.entries(types).map(
        ([name, members]) =>
          `    <types>\n${members.map((m) => `        <members>${m}</members>\n`).join("")}        <name>${name}</name>\n    </types>`,
      ),
      ...(at ? [`    <version>${at}</version>`] : []),
    ].join("\n"),
  );

const apexMeta = (root) => xml(root, `    <apiVersion>${version}</apiVersion>\n    <status>Active</status>`);

/** The two files of an Apex class. */
export const apex = (name, body) => ({
  [`classes/${name}.cls`]: body,
  [`classes/${name}.cls-meta.xml`]: apexMeta("ApexClass"),
});

/** A test class with one method for each of `methods`, { name: body }. */
export const apexTest = (name, methods) =>
  apex(
    name,
    `@IsTest\nprivate class ${name} {\n${Object.entries(methods)
      .map(([method, body]) => `  @IsTest static void ${method}() {\n    ${body}\n  }\n`)
      .join("")}}\n`,
  );

const field = (name, type) => `    <fields>
        <fullName>${name}</fullName>
        <label>${name.replaceAll("_", " ").trim()}</label>
${type}
    </fields>`;

export const members = {
  ApexClass: ["Tariff", "TariffTest"],
  ApexPage: ["Receipt"],
  ApexTrigger: ["ParcelTrigger"],
  AuraDefinitionBundle: ["parcelCard"],
  CustomField: ["Account.Parcel_Terms__c"],
  CustomLabels: ["CustomLabels"],
  CustomObject: ["Parcel__c"],
  CustomTab: ["Parcel__c"],
  EmailTemplate: ["Parcel_Mail", "Parcel_Mail/Arrived"],
  Layout: ["Parcel__c-Parcel Layout %28new%29"],
  LightningComponentBundle: ["parcelMap"],
  PermissionSet: ["Parcel_Clerk"],
  StaticResource: ["Stamp"],
};

/**
 * Each name that an org with this project and nothing else has to list, { type: [name, ...] }: what stands in `members`, what
 * lies inside of those files, and the objects by their names. A folder is listed by a type of its own.
 */
export const inventory = {
  ...members,
  CustomField: ["Account.Parcel_Terms__c", "Parcel__c.Price__c", "Parcel__c.Weight__c"],
  CustomLabel: ["Parcel_Arrived", "Parcel_Lost"],
  CustomObject: ["Account", "Parcel__c"],
  EmailTemplate: ["Parcel_Mail/Arrived"],
  ValidationRule: ["Parcel__c.Weight_Needed"],
};

/** Every value of a byte, several times over: it must come back as it went. */
export const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 167 + (i >> 8)) & 0xff));

export const files = {
  "package.xml": manifest(members),
  ...apex(
    "Tariff",
    `public with sharing class Tariff {
  public static Decimal price(Decimal weight) {
    if (weight == null) {
      return 0;
    }
    return weight * 1.5;
  }
}
`,
  ),
  ...apexTest("TariffTest", { pricesByWeight: "insert new Parcel__c(Weight__c = 2); System.assertEquals(3, Tariff.price(2));", pricesNothing: "System.assertEquals(0, Tariff.price(null));" }),
  "triggers/ParcelTrigger.trigger": "trigger ParcelTrigger on Parcel__c (before insert) {\n  for (Parcel__c p : Trigger.new) {\n    p.Price__c = Tariff.price(p.Weight__c);\n  }\n}\n",
  "triggers/ParcelTrigger.trigger-meta.xml": apexMeta("ApexTrigger"),
  "objects/Parcel__c.object": xml(
    "CustomObject",
    `    <deploymentStatus>Deployed</deploymentStatus>
    <description>Größe, Gewicht &amp; Preis: “Päckchen” 📦</description>
${field("Price__c", "        <precision>10</precision>\n        <scale>2</scale>\n        <type>Number</type>")}
${field("Weight__c", "        <precision>10</precision>\n        <scale>3</scale>\n        <type>Number</type>")}
    <label>Parcel</label>
    <nameField>
        <label>Parcel Number</label>
        <type>Text</type>
    </nameField>
    <pluralLabel>Parcels</pluralLabel>
    <sharingModel>ReadWrite</sharingModel>
    <validationRules>
        <fullName>Weight_Needed</fullName>
        <active>true</active>
        <errorConditionFormula>ISBLANK(Weight__c)</errorConditionFormula>
        <errorMessage>A parcel has a weight.</errorMessage>
    </validationRules>`,
  ),
  "objects/Account.object": xml("CustomObject", field("Parcel_Terms__c", "        <length>80</length>\n        <type>Text</type>")),
  "layouts/Parcel__c-Parcel Layout %28new%29.layout": xml(
    "Layout",
    `    <layoutSections>
        <editHeading>false</editHeading>
        <layoutColumns>
            <layoutItems>
                <behavior>Required</behavior>
                <field>Weight__c</field>
            </layoutItems>
        </layoutColumns>
        <style>OneColumn</style>
    </layoutSections>`,
  ),
  "tabs/Parcel__c.tab": xml("CustomTab", "    <customObject>true</customObject>\n    <motif>Custom20: Airplane</motif>"),
  "labels/CustomLabels.labels": xml(
    "CustomLabels",
    ["Parcel_Arrived", "Parcel_Lost"]
      .map((name) => `    <labels>\n        <fullName>${name}</fullName>\n        <language>en_US</language>\n        <protected>true</protected>\n        <shortDescription>${name}</shortDescription>\n        <value>${name.replace("_", " ")}</value>\n    </labels>`)
      .join("\n"),
  ),
  "permissionsets/Parcel_Clerk.permissionset": xml(
    "PermissionSet",
    `    <classAccesses>
        <apexClass>Tariff</apexClass>
        <enabled>true</enabled>
    </classAccesses>
    <fieldPermissions>
        <editable>true</editable>
        <field>Parcel__c.Weight__c</field>
        <readable>true</readable>
    </fieldPermissions>
    <hasActivationRequired>false</hasActivationRequired>
    <label>Parcel Clerk</label>
    <objectPermissions>
        <allowCreate>true</allowCreate>
        <allowDelete>false</allowDelete>
        <allowEdit>true</allowEdit>
        <allowRead>true</allowRead>
        <modifyAllRecords>false</modifyAllRecords>
        <object>Parcel__c</object>
        <viewAllRecords>false</viewAllRecords>
    </objectPermissions>`,
  ),
  "pages/Receipt.page": '<apex:page standardController="Parcel__c">\n  <apex:outputField value="{!Parcel__c.Price__c}"/>\n</apex:page>\n',
  "pages/Receipt.page-meta.xml": xml("ApexPage", `    <apiVersion>${version}</apiVersion>\n    <label>Receipt</label>`),
  "staticresources/Stamp.resource": bytes,
  "staticresources/Stamp.resource-meta.xml": xml("StaticResource", "    <cacheControl>Private</cacheControl>\n    <contentType>application/octet-stream</contentType>"),
  "email/Parcel_Mail-meta.xml": xml("EmailFolder", "    <accessType>Public</accessType>\n    <name>Parcel Mail</name>"),
  "email/Parcel_Mail/Arrived.email": "Your parcel is here.\r\nCome and get it.\r\n",
  "email/Parcel_Mail/Arrived.email-meta.xml": xml("EmailTemplate", "    <available>true</available>\n    <encodingKey>UTF-8</encodingKey>\n    <name>Arrived</name>\n    <style>none</style>\n    <subject>Arrived</subject>\n    <type>text</type>\n    <uiType>Aloha</uiType>"),
  "lwc/parcelMap/parcelMap.js": 'import { LightningElement } from "lwc";\n\nexport default class ParcelMap extends LightningElement {}\n',
  "lwc/parcelMap/parcelMap.html": "<template>\n  <p>Here it is.</p>\n</template>\n",
  "lwc/parcelMap/parcelMap.js-meta.xml": xml("LightningComponentBundle", `    <apiVersion>${version}</apiVersion>\n    <isExposed>false</isExposed>`),
  "aura/parcelCard/parcelCard.cmp": "<aura:component>\n  <p>Parcel</p>\n</aura:component>\n",
  "aura/parcelCard/parcelCard.cmp-meta.xml": xml("AuraDefinitionBundle", `    <apiVersion>${version}</apiVersion>\n    <description>A parcel on a card</description>`),
};

/** The project's files without its manifest, or those of `types` only, below `top`. */
export const content = (all) => Object.fromEntries(Object.entries(all).filter(([path]) => path !== "package.xml"));
