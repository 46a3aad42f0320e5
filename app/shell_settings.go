package app

import (
	"fmt"
	"net/url"
	"runtime"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

func (s *shell) preferences() (map[string]string, error) {
	if err := s.started(); err != nil {
		return nil, err
	}
	return s.likes.All(), nil
}

// ownPreferences are the shell's: a page that could write them could open
// another workspace at the next start.
var ownPreferences = []string{lastWorkspace, windowPlace, "acting."}

func (s *shell) prefer(key, value string) error {
	if err := s.started(); err != nil {
		return err
	}
	for _, own := range ownPreferences {
		if key == own || (strings.HasSuffix(own, ".") && strings.HasPrefix(key, own)) {
			return governance.Faultf("own_preference", "%q is kept by the window itself.", key)
		}
	}
	return s.likes.Set(key, value)
}

func (s *shell) about() (About, error) {
	if err := s.started(); err != nil {
		return About{}, err
	}
	sqlite, err := store.SQLiteVersion(s.root)
	if err != nil {
		return About{}, fmt.Errorf("ask SQLite for its version: %w", err)
	}
	return About{Version: s.version, Data: s.options.Data, SQLite: sqlite, System: runtime.GOOS + "/" + runtime.GOARCH + ", " + runtime.Version(), License: "Apache-2.0"}, nil
}

// links are the pages that the program opens by a word, all Salesforce's own.
var links = map[string]string{
	"change-sets":       "https://help.salesforce.com/s/articleView?id=platform.changesets.htm&type=5",
	"deployment-status": "https://help.salesforce.com/s/articleView?id=platform.code_monitor_deployment.htm&type=5",
	"security-token":    "https://help.salesforce.com/s/articleView?id=xcloud.user_security_token.htm&type=5",
	"sandboxes":         "https://help.salesforce.com/s/articleView?id=platform.deploy_sandboxes_parent.htm&type=5",
	"metadata-api":      "https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_intro.htm",
	"metadata-types":    "https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_types_list.htm",
	"package-manifest":  "https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/manifest_samples.htm",
	"deploy-options":    "https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_deploy.htm",
	"test-levels":       "https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_deploy_running_tests.htm",
	"quick-deploy":      "https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_deployRecentValidation.htm",
	"code-coverage":     "https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_code_coverage_intro.htm",
	"salesforce-cli":    "https://developer.salesforce.com/docs/atlas.en-us.sfdx_setup.meta/sfdx_setup/sfdx_setup_install_cli.htm",
	"trust":             "https://trust.salesforce.com/",
}

func (s *shell) openLink(word string) error {
	address, known := links[word]
	if !known {
		return governance.Faultf("unknown_link", "There is no page for the word %.40q.", word)
	}
	if err := s.awaitStart(); err != nil {
		return err
	}
	return s.browse(address)
}

// openAddress asks first, in the demo too: the address is what somebody wrote
// into a record, and the browser that opens it is signed in to real orgs.
func (s *shell) openAddress(address string) error {
	u, err := webAddress(address)
	if err != nil {
		return err
	}
	if err := s.awaitStart(); err != nil {
		return err
	}
	if err := s.sayYes(question{Title: s.say("Open in the browser"), Text: fmt.Sprintf("%s\n\n%s: %s\n%s: %s", s.say("Open this page in your browser?"), s.say("Host"), oneLine(u.Host), s.say("Address"), oneLine(u.String()))}); err != nil {
		return err
	}
	return s.browse(u.String())
}

// openSignIn opens a sign-in page, on this computer only where it is a demo
// org's. Which host it is on is what somebody wrote into an environment: where it
// is none of Salesforce's, the person is asked first.
func (s *shell) openSignIn(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errNoSignInPage
	}
	own, err := salesforce.CheckURL(address)
	if err != nil {
		return err
	}
	if own.Scheme == "http" { // loopback: CheckURL lets no other through
		return s.system.browse(escapes.Replace(u.String()))
	}
	if salesforce.IsSalesforce(own) {
		return s.browse(u.String())
	}
	return s.openAddress(u.String())
}

var errNoSignInPage = governance.Faultf("no_signin", "No sign-in waits for the browser.").WithHint("Press Sign in with Salesforce.")

// webAddress lets only https through, without a user name that would pass for
// a host, and with a host of plain letters: others can look like a known one.
func webAddress(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	refused := governance.Faultf("link", "%.80q cannot be opened.", address)
	switch {
	case err != nil || u.Host == "" || len(address) > 2000 || strings.ContainsFunc(address, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return nil, refused.WithHint("It is no web address.")
	case u.Scheme != "https":
		return nil, refused.WithHint("Only addresses that begin with https:// are opened.")
	case u.User != nil:
		return nil, refused.WithHint("It has a user name in it, which can hide where it leads.")
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r > 0x7e }):
		return nil, refused.WithHint("Its host is written with letters that can look like others.")
	}
	return u, nil
}

// browse opens an https address in the browser. What Wails would refuse
// because a shell could read it is escaped first.
func (s *shell) browse(address string) error {
	u, err := webAddress(address)
	if err != nil {
		return err
	}
	return s.system.browse(escapes.Replace(u.String()))
}

var escapes = strings.NewReplacer("(", "%28", ")", "%29", "*", "%2A", "!", "%21", "~", "%7E", "[", "%5B", "]", "%5D", "{", "%7B", "}", "%7D",
	"$", "%24", ";", "%3B", "|", "%7C", "`", "%60", "\\", "%5C", "<", "%3C", ">", "%3E", " ", "%20")

// maxCopy is the longest text that goes to the clipboard, in bytes.
const maxCopy = 1 << 20

func (s *shell) copyText(text string) error {
	if len(text) > maxCopy {
		return governance.Faultf("too_large", "This is too long for the clipboard.").WithHint("Export it into a file.")
	}
	if err := s.awaitStart(); err != nil {
		return err
	}
	return s.system.copy(text)
}

func (s *shell) print() error {
	if err := s.awaitStart(); err != nil {
		return err
	}
	return s.system.print()
}
