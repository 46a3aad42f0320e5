package salesforce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
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
	sf, err := exec.LookPath("sf")
	if err != nil {
		return nil, governance.Faultf(CodeSFMissing, "The sf CLI is not installed, or not on the PATH.").
			WithHint("Install it, or sign in another way.").Because(err)
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

// withUser finds out who the token belongs to: sf does not tell the user's id.
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
	return s, sameOrg(s, &Session{OrganizationID: who.OrganizationID})
}

// runSF runs one command of sf and reads the result of its JSON.
func runSF(ctx context.Context, sf, alias string, result any, command ...string) error {
	limited, cancel := context.WithTimeout(ctx, sfWait)
	defer cancel()
	run := exec.CommandContext(limited, sf, append(command, "-o", alias, "--json")...)
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
	return governance.Faultf(CodeSFFailed, "The answer of the sf CLI cannot be understood.").
		WithHint("Run sf org display --target-org %s in a terminal to see why.", alias)
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
