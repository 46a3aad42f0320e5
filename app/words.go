package app

// The page speaks the person's language by itself; what the shell says in
// dialogs of the system is here. A phrase is its own English.

const languagePreference = "language"

// german is what each phrase of a dialog is in German, in the words of the
// page's translation.
var german = map[string]string{
	"Submit for Approval":             "Zur Genehmigung einreichen",
	"Approve":                         "Genehmigen",
	"Reject":                          "Ablehnen",
	"Recall":                          "Zurückrufen",
	"Complete":                        "Abschließen",
	"Reopen":                          "Wieder öffnen",
	"Cancel":                          "Endgültig verwerfen",
	"Validate Customizations":         "Anpassungen validieren",
	"Deploy Retrieved Customizations": "Abgerufene Anpassungen bereitstellen",
	"Quick Deploy":                    "Schnell-Deployment",
	"Add to Change Request":           "Dem Change Request hinzufügen",
	"Send Again":                      "Noch einmal senden",
	"Give Up":                         "Aufgeben",
	"Cancel the Attempt":              "Versuch abbrechen",
	"Rebuild from Signed Acts":        "Aus unterschriebenen Vorgängen wiederherstellen",
	"Make a Workspace":                "Arbeitsbereich anlegen",
	"Workspace":                       "Arbeitsbereich",
	"A signing key is made for it.":   "Dafür wird ein Signaturschlüssel erzeugt.",
	"Added":                           "Hinzugefügt",
	"Changes":                         "Änderungen",
	"Changed by hand":                 "Von Hand geändert",
	"and %d more":                     "und %d weitere",
	"This ends its approvals.":        "Damit enden seine Genehmigungen.",
	"Attach files":                    "Dateien anhängen",
	"Take in these files?":            "Diese Dateien aufnehmen?",
	"Propose New Policies":            "Neue Richtlinien vorschlagen",
	"Sign New Policies":               "Neue Richtlinien unterschreiben",
	"Change Request":                  "Change Request",
	"Deployment Record":               "Deployment Record",
	"Policies":                        "Richtlinien",
	"Content":                         "Hash des Inhalts",
	"Target":                          "Ziel",
	"production":                      "Produktion",
	"Reason":                          "Begründung",
	"Signed by":                       "Unterschrieben von",
	"Restore":                         "Wiederherstellen",
	"Put the copy of %s in place of the database as it is now, which is kept aside?":                                                                                                                       "Die Sicherung vom %s an die Stelle der jetzigen Datenbank setzen, die beiseitegelegt wird?",
	"The audit trail went on after this copy. Verification will find it older than what the keychain remembers: everything in it can then be read, but nothing can be deployed from this workspace again.": "Der Prüfpfad ging nach dieser Sicherung weiter. Die Prüfung wird finden, dass sie älter ist als das, was der Schlüsselbund weiß: Alles darin kann dann gelesen, aber aus diesem Arbeitsbereich nichts mehr bereitgestellt werden.",
	"Open in the browser":                    "Im Browser öffnen",
	"Open this page in your browser?":        "Diese Seite im Browser öffnen?",
	"Host":                                   "Server",
	"Address":                                "Adresse",
	"Import package manifest":                "Paketmanifest importieren",
	"Export package manifest":                "Paketmanifest exportieren",
	"Attach a file":                          "Datei anhängen",
	"Save the file":                          "Datei speichern",
	"Where to put the copy of the workspace": "Wohin mit der Kopie des Arbeitsbereichs",
}

// language is what the person reads: en, de; empty: nobody said.
func (s *shell) language() string {
	if s.likes == nil {
		return ""
	}
	return s.likes.Get(languagePreference)
}

// say is a phrase in the person's language, English if there is none.
func (s *shell) say(phrase string) string {
	if s.language() == "de" {
		if translated := german[phrase]; translated != "" {
			return translated
		}
	}
	return phrase
}
