package salesforce

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
	"unicode"

	"countersign/backend/governance"
)

// sfWait is how long sf may take: it starts Node and may renew its own token.
const sfWait = 90 * time.Second

// LoginCLI asks the installed sf CLI for the session of an org that it is
// signed in to, by user name or alias. sf stays the owner of its refresh token.
// Faults: sf_missing, sf_not_signed_in, sf_timeout, sf_failed, and those of the
// network.
func LoginCLI(ctx context.Context, o Options, usernameOrAlias string) (*Session, error) {
	if err := checkAlias(usernameOrAlias); err != nil {
		return nil, err
	}
	sf, err := findSF()
	if err != nil {
		return nil, err
	}
	session, err := askSF(ctx, sf, usernameOrAlias)
	if err != nil {
		return nil, err
	}
	w, done := newLoginWire(o)
	defer done()
	if session, err = w.withVersion(ctx, session); err != nil {
		return nil, err
	}
	return withUser(ctx, session, w.o)
}

func findSF() (string, error) {
	sf, err := exec.LookPath("sf")
	if err != nil {
		return "", governance.Faultf(CodeSFMissing, "The sf CLI is not installed, or not on the PATH.").
			WithHint("Install it, or sign in another way.").Because(err)
	}
	return sf, nil
}

// A CLIOrg is an org that the sf CLI is signed in to. Nothing of it is secret.
type CLIOrg struct {
	Alias          string `json:"alias"` // the first; empty when it has none
	Username       string `json:"username"`
	InstanceURL    string `json:"instanceUrl"`
	OrganizationID string `json:"organizationId"` // 18 characters
	Kind           Kind   `json:"kind"`
	Expired        bool   `json:"expired"` // a scratch org that is over
}

// Name is how the sf CLI is asked for the org.
func (o CLIOrg) Name() string {
	if o.Alias != "" {
		return o.Alias
	}
	return o.Username
}

// CLIOrgs lists the orgs that the sf CLI is signed in to, by alias and user
// name, each once. It asks the CLI, reads none of its files and reaches no org.
// Faults: sf_missing, sf_timeout, sf_failed.
func CLIOrgs(ctx context.Context) ([]CLIOrg, error) {
	sf, err := findSF()
	if err != nil {
		return nil, err
	}
	var groups map[string]json.RawMessage
	if err := runSF(ctx, sf, "", &groups, "org", "list", "--skip-connection-status"); err != nil {
		return nil, err
	}
	found := map[string]CLIOrg{}
	for _, group := range groups { // an org is in every group that fits it
		var listed []listedOrg
		if json.Unmarshal(group, &listed) != nil {
			continue
		}
		for _, org := range listed {
			if checkAlias(org.Username) == nil {
				found[org.Username] = org.described()
			}
		}
	}
	all := slices.Collect(maps.Values(found))
	slices.SortFunc(all, func(a, b CLIOrg) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name()), strings.ToLower(b.Name())), cmp.Compare(a.Username, b.Username))
	})
	return all, nil
}

// listedOrg is a line of sf org list, as far as it is of use here.
type listedOrg struct {
	Alias, Username, InstanceURL, OrgID string
	IsSandbox, IsScratch, IsExpired     bool
}

func (o listedOrg) described() CLIOrg {
	c := CLIOrg{Username: o.Username, OrganizationID: ID18(o.OrgID), Kind: Production, Expired: o.IsExpired}
	if first, _, _ := strings.Cut(o.Alias, ","); checkAlias(first) == nil {
		c.Alias = first
	}
	if u, err := CheckURL(o.InstanceURL); err == nil {
		c.InstanceURL = u.String()
	}
	switch {
	case strings.HasPrefix(c.InstanceURL, "http:"):
		c.Kind = Demo
	case o.IsScratch:
		c.Kind = Scratch
	case o.IsSandbox, strings.Contains(c.InstanceURL, ".sandbox."):
		c.Kind = Sandbox
	}
	return c
}

// checkAlias lets through what user names and aliases are made of. On Windows
// sf is a batch file, and cmd would act on other characters.
func checkAlias(alias string) error {
	ok := alias != "" && alias[0] != '-' && len(alias) <= 255
	for _, r := range alias {
		ok = ok && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("@._+-'", r))
	}
	if !ok {
		return governance.Faultf(CodeSFNotSignedIn, "%q is not a user name or alias of the sf CLI.", alias).
			WithHint("Look at the output of sf org list.")
	}
	return nil
}

func askSF(ctx context.Context, sf, alias string) (*Session, error) {
	var display struct {
		ID, AccessToken, InstanceURL, Username string
	}
	if err := runSF(ctx, sf, alias, &display, "org", "display"); err != nil {
		return nil, err
	}
	instance, err := CheckURL(display.InstanceURL)
	if err != nil {
		return nil, err
	}
	token, err := sfToken(ctx, sf, alias, display.AccessToken)
	if err != nil {
		return nil, err
	}
	return &Session{
		InstanceURL: instance.String(), AccessToken: token,
		OrganizationID: ID18(display.ID), Username: display.Username,
	}, nil
}

// sfToken asks for the token. A CLI from before the command existed shows the
// token in org display instead; later ones hide it there.
func sfToken(ctx context.Context, sf, alias, displayed string) (Secret, error) {
	var shown struct{ AccessToken string }
	err := runSF(ctx, sf, alias, &shown, "org", "auth", "show-access-token", "--no-prompt")
	if err == nil && shown.AccessToken != "" {
		return NewSecret(shown.AccessToken), nil
	}
	if governance.FaultCode(err) == CodeSFFailed && tokenForm.MatchString(displayed) {
		return NewSecret(displayed), nil
	}
	if err == nil {
		err = governance.Faultf(CodeSFFailed, "The sf CLI gave no access token for %s.", alias).WithHint("Update the sf CLI.")
	}
	return Secret{}, err
}

// withUser finds out who the token belongs to, and that it is the session's org.
func withUser(ctx context.Context, s *Session, o Options) (*Session, error) {
	o.Renew = nil
	c := NewClient(s, o)
	who, err := c.userInfo(ctx)
	if err != nil {
		return nil, err
	}
	if s.OrganizationID == "" {
		s.OrganizationID = who.OrganizationID
	}
	s.UserID = who.UserID
	if s.Username == "" {
		s.Username = who.Username
	}
	return s, sameOrg(s, &Session{OrganizationID: who.OrganizationID})
}

// runSF runs one command of sf and reads the result of its JSON.
func runSF(ctx context.Context, sf, alias string, result any, command ...string) error {
	limited, cancel := context.WithTimeout(ctx, sfWait)
	defer cancel()
	if alias != "" {
		command = append(command, "-o", alias)
	}
	run := exec.CommandContext(limited, sf, append(command, "--json")...)
	run.Env = append(os.Environ(), "SF_AUTOUPDATE_DISABLE=true", "NO_COLOR=1")
	run.WaitDelay = 2 * time.Second // sf's own children may hold the pipe open
	stdout, stderr := &cappedBuffer{}, &cappedBuffer{}
	run.Stdout, run.Stderr = stdout, stderr
	err := run.Run()
	switch {
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case limited.Err() != nil:
		return governance.Faultf(CodeSFTimeout, "The sf CLI did not answer in time.").
			WithHint("Run sf org display in a terminal to see why.").Because(limited.Err())
	}
	answer, ok := readSF(stdout.Bytes())
	if !ok {
		answer, ok = readSF(stderr.Bytes())
	}
	if !ok || err != nil || answer.Status != 0 {
		return sfFault(alias, answer)
	}
	if json.Unmarshal(answer.Result, result) != nil {
		return sfFault(alias, sfAnswer{})
	}
	return nil
}

// sfAnswer is the JSON that every command of sf prints.
type sfAnswer struct {
	Status  int             `json:"status"`
	Name    string          `json:"name"`
	Message string          `json:"message"`
	Result  json.RawMessage `json:"result"`
}

// readSF finds the JSON in what sf printed; warnings may come first.
func readSF(output []byte) (sfAnswer, bool) {
	var answer sfAnswer
	start := bytes.IndexByte(output, '{')
	if start < 0 {
		return answer, false
	}
	err := json.NewDecoder(bytes.NewReader(output[start:])).Decode(&answer)
	return answer, err == nil
}

// sfFault reads the names of sf's errors. What sf printed is not passed on
// when it is not understood: it could hold a token.
func sfFault(alias string, answer sfAnswer) error {
	text := strings.ToLower(answer.Name + " " + answer.Message)
	switch {
	case containsAny(text, "namedorgnotfound", "noauthinfo", "no authorization information", "noorgfound", "notargetenv"):
		return governance.Faultf(CodeSFNotSignedIn, "The sf CLI is not signed in to %s.", alias).
			WithHint("Run sf org login web --alias %s.", alias)
	case containsAny(text, "refreshtoken", "expired access/refresh token", "invalid_grant"):
		return governance.Faultf(CodeSFNotSignedIn, "The sf CLI's sign-in to %s has expired.", alias).
			WithHint("Run sf org login web --alias %s.", alias)
	case answer.Message != "":
		return governance.Faultf(CodeSFFailed, "The sf CLI answers: %s", sentence(redact(answer.Message)))
	}
	command := "sf org list"
	if alias != "" {
		command = "sf org display --target-org " + alias
	}
	return governance.Faultf(CodeSFFailed, "The answer of the sf CLI cannot be understood.").WithHint("Run %s in a terminal to see why.", command)
}

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// cappedBuffer keeps the first megabyte and swallows the rest, so that the
// writer neither fails nor fills memory.
type cappedBuffer struct{ bytes.Buffer }

func (b *cappedBuffer) Write(p []byte) (int, error) {
	if room := 1<<20 - b.Len(); room > 0 {
		b.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
