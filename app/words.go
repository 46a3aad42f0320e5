package app

// The page speaks the person's language by itself; what the shell says in
// dialogs of the system is here. A phrase is its own English.

const languagePreference = "language"

// german is what each phrase of a dialog is in German, in the words of the
// page's translation.
var german = map[string]string{
	"Submit for Approval":                  "Zur Genehmigung einreichen",
	"Approve":                              "Genehmigen",
	"Reject":                               "Ablehnen",
	"Recall":                               "Zurückrufen",
	"Complete":                             "Abschließen",
	"Reopen":                               "Wieder öffnen",
	"Cancel":                               "Endgültig verwerfen",
	"Validate Customizations":              "Anpassungen validieren",
	"Deploy Retrieved Customizations":      "Abgerufene Anpassungen bereitstellen",
	"Quick Deploy":                         "Schnell-Deployment",
	"Add to Change Request":                "Dem Change Request hinzufügen",
	"Send Again":                           "Noch einmal senden",
	"Give Up":                              "Aufgeben",
	"Cancel the Attempt":                   "Versuch abbrechen",
	"Rebuild from Signed Acts":             "Aus unterschriebenen Vorgängen wiederherstellen",
	"Make a Workspace":                     "Arbeitsbereich anlegen",
	"Workspace":                            "Arbeitsbereich",
	"A signing key is made for it.":        "Dafür wird ein Signaturschlüssel erzeugt.",
	"Added":                                "Hinzugefügt",
	"Changes":                              "Änderungen",
	"Changed by hand":                      "Von Hand geändert",
	"and %d more":                          "und %d weitere",
	"This ends its approvals.":             "Damit enden seine Genehmigungen.",
	"Attach files":                         "Dateien anhängen",
	"Take in these files?":                 "Diese Dateien aufnehmen?",
	"Propose New Policies":                 "Neue Richtlinien vorschlagen",
	"Sign New Policies":                    "Neue Richtlinien unterschreiben",
	"Propose a Change of the Members":      "Eine Änderung der Mitglieder vorschlagen",
	"Sign a Change of the Members":         "Eine Änderung der Mitglieder unterschreiben",
	"Make a Recovery Kit":                  "Einen Wiederherstellungsschlüssel erzeugen",
	"Ask to Be Let In":                     "Um Aufnahme bitten",
	"Join a Workspace":                     "Einem Arbeitsbereich beitreten",
	"Join the workspace of this file?":     "Dem Arbeitsbereich dieser Datei beitreten?",
	"Open an invitation":                   "Einladung öffnen",
	"Open a key file":                      "Schlüsseldatei öffnen",
	"Save the invitation":                  "Einladung speichern",
	"Save the answer":                      "Antwort speichern",
	"somebody who asks to be let in as %q": "jemand, der als %q um Aufnahme bittet",
	"Save your key":                        "Eigenen Schlüssel speichern",
	"Save the recovery kit":                "Wiederherstellungsschlüssel speichern",
	"Members":                              "Mitglieder",
	"Change Request":                       "Change Request",
	"Deployment Record":                    "Deployment Record",
	"Policies":                             "Richtlinien",
	"Content":                              "Hash des Inhalts",
	"Target":                               "Ziel",
	"production":                           "Produktion",
	"Reason":                               "Begründung",
	"Signed by":                            "Unterschrieben von",
	"Restore":                              "Wiederherstellen",
	"Withdraw Vote":                        "Stimme zurücknehmen",
	"Accept the Emergency":                 "Notfall annehmen",
	"Object to the Emergency":              "Notfall beanstanden",
	"Delegate":                             "Vertretung erteilen",
	"End the Delegation":                   "Vertretung beenden",
	"To":                                   "An",
	"In place of":                          "Anstelle von",
	"It lasts until %s.":                   "Sie gilt bis %s.",
	"Resolve Changes Outside the Process":  "Änderungen außerhalb des Prozesses klären",
	"Put the copy of %s in place of the database as it is now, which is kept aside?":                                                                                                                       "Die Sicherung vom %s an die Stelle der jetzigen Datenbank setzen, die beiseitegelegt wird?",
	"The audit trail went on after this copy. Verification will find it older than what the keychain remembers: everything in it can then be read, but nothing can be deployed from this workspace again.": "Der Prüfpfad ging nach dieser Sicherung weiter. Die Prüfung wird finden, dass sie älter ist als das, was der Schlüsselbund weiß: Alles darin kann dann gelesen, aber aus diesem Arbeitsbereich nichts mehr bereitgestellt werden.",
	"Open in the browser":                  "Im Browser öffnen",
	"Open this page in your browser?":      "Diese Seite im Browser öffnen?",
	"Host":                                 "Server",
	"Address":                              "Adresse",
	"Import package manifest":              "Paketmanifest importieren",
	"Export package manifest":              "Paketmanifest exportieren",
	"Attach a file":                        "Datei anhängen",
	"Save the file":                        "Datei speichern",
	"Open a bundle or an evidence file":    "Bündel oder Nachweisdatei öffnen",
	"Export a bundle":                      "Bündel exportieren",
	"Import a bundle":                      "Bündel importieren",
	"Write an evidence file":               "Nachweisdatei schreiben",
	"Contents":                             "Inhalt",
	"The whole workspace":                  "Der ganze Arbeitsbereich",
	"Members and policies only":            "Nur Mitglieder und Richtlinien",
	"Change Requests":                      "Change Requests",
	"From":                                 "Von",
	"Workspace founded":                    "Arbeitsbereich gegründet",
	"Policies or roster changed":           "Richtlinien oder Mitglieder geändert",
	"Policies or roster endorsed":          "Richtlinien oder Mitglieder mitgezeichnet",
	"Asked to be let in":                   "Um Aufnahme gebeten",
	"Vote delegated":                       "Vertretung erteilt",
	"Delegation ended":                     "Vertretung beendet",
	"Request submitted":                    "Change Request eingereicht",
	"Request approved":                     "Change Request genehmigt",
	"Request rejected":                     "Change Request abgelehnt",
	"Vote on a request withdrawn":          "Stimme zu einem Change Request zurückgenommen",
	"Request recalled":                     "Change Request zurückgezogen",
	"Request reopened":                     "Change Request wieder geöffnet",
	"Request cancelled":                    "Change Request verworfen",
	"Request completed":                    "Change Request abgeschlossen",
	"Emergency reviewed":                   "Notfall geprüft",
	"Deployment submitted":                 "Deployment Record eingereicht",
	"Deployment approved":                  "Deployment Record genehmigt",
	"Deployment rejected":                  "Deployment Record abgelehnt",
	"Vote on a deployment withdrawn":       "Stimme zu einer Bereitstellung zurückgenommen",
	"Deployment recalled":                  "Deployment Record zurückgezogen",
	"Deployment reopened":                  "Deployment Record wieder geöffnet",
	"Deployment cancelled":                 "Deployment Record verworfen",
	"Deployment completed":                 "Deployment Record abgeschlossen",
	"Attempt signed":                       "Versuch unterschrieben",
	"Validation result signed":             "Validierungsergebnis unterschrieben",
	"Result signed":                        "Ergebnis unterschrieben",
	"Found outside the process":            "Außerhalb des Verfahrens festgestellt",
	"Finding resolved":                     "Feststellung erledigt",
	"Signed acts":                          "Unterschriebene Vorgänge",
	"Period":                               "Zeitraum",
	"somebody who is no member":            "jemand, der kein Mitglied ist",
	"It is encrypted with the passphrase.": "Es ist mit der Passphrase verschlüsselt.",
	"It is not encrypted: whoever gets the file can read it.": "Es ist nicht verschlüsselt: Wer die Datei bekommt, kann sie lesen.",
	"Doubts about it: %d. Read them in the window first.":     "Zweifel daran: %d. Lies sie zuerst im Fenster.",
	"Where to put the copy of the workspace":                  "Wohin mit der Kopie des Arbeitsbereichs",
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
