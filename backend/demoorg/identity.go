package demoorg

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"math/big"
	"strings"
	"time"
)

// The organization ids of the two orgs with the built-in sample. They never
// change, so that a demo workspace can name them before the orgs exist. An org
// with a seed of its own has an id of its own.
const (
	UATOrganizationID        = "00D5e000000UAT1EAO"
	ProductionOrganizationID = "00D5f000000PRD1EAO"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// id18 makes the 18 character form of a 15 character Salesforce id: three
// characters that say which of the others are capitals
// (developer.salesforce.com, "What are the differences between 15 and 18 digit
// record ids").
func id18(id string) string {
	if len(id) != 15 {
		return id
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	suffix := make([]byte, 0, 3)
	for chunk := 0; chunk < 3; chunk++ {
		bits := 0
		for i := 0; i < 5; i++ {
			if c := id[chunk*5+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		suffix = append(suffix, letters[bits])
	}
	return id + string(suffix)
}

// hashID makes an id out of what it names, so that a component keeps its id as
// long as it keeps its name.
func hashID(prefix string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	n := new(big.Int).SetBytes(sum[:12])
	return id18(prefix + digits(n, 15-len(prefix)))
}

// countID makes the id of the n-th thing of its kind.
func countID(prefix, pod string, n int64) string {
	return id18(prefix + pod + digits(big.NewInt(n), 15-len(prefix)-len(pod)))
}

func digits(n *big.Int, width int) string {
	n = new(big.Int).Set(n)
	base, rest := big.NewInt(62), new(big.Int)
	out := make([]byte, width)
	for i := width - 1; i >= 0; i-- {
		n.DivMod(n, base, rest)
		out[i] = base62[rest.Int64()]
	}
	return string(out)
}

func randomText(length int) string {
	out := make([]byte, length)
	limit := big.NewInt(int64(len(base62)))
	for i := range out {
		n, err := rand.Int(rand.Reader, limit)
		if err != nil { // Go's reader never fails; a machine without randomness cannot go on
			panic(err)
		}
		out[i] = base62[n.Int64()]
	}
	return string(out)
}

// A user of the org. Only those with a password can sign in; the others are
// names that stand behind old changes.
type user struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username"`
	Password string `json:"password,omitempty"` // with the security token at its end, as login() wants it
	Token    string `json:"token,omitempty"`    // the access token of Connection

	provoked provocation // of the session in which the user is seen
}

// tokenLength is that of the security token at a password's end.
const tokenLength = 24

// A session is an access token that was handed out. Only its hash is kept.
type session struct {
	TokenHash string    `json:"tokenHash"`
	UserID    string    `json:"userId"`
	Used      time.Time `json:"used"`
	Family    string    `json:"family,omitempty"` // the refresh token family it came from
	// Provoked is a refusal that was asked for when the session began.
	Provoked provocation `json:"provoked,omitempty"`
}

// A grant is a refresh token family: one client that a person let in. The
// token rotates with every use, and the use of an old one ends the family.
type grant struct {
	Family   string   `json:"family"`
	UserID   string   `json:"userId"`
	ClientID string   `json:"clientId"`
	Current  string   `json:"current"` // hashes
	Spent    []string `json:"spent"`
	Scope    string   `json:"scope,omitempty"`

	Provoked provocation `json:"provoked,omitempty"`
}

// identity is org.json: who this org is and who may sign in.
type identity struct {
	Format         int       `json:"format"`
	Kind           Kind      `json:"kind"`
	Name           string    `json:"name"`
	Nonce          string    `json:"nonce"`
	Seeded         bool      `json:"seeded"`
	OrganizationID string    `json:"organizationId"`
	Created        time.Time `json:"created"`
	Users          []user    `json:"users"`
	Sessions       []session `json:"sessions"`
	Grants         []grant   `json:"grants"`
}

const sessionLife = 2 * time.Hour // from the last use, as an org's default

func newIdentity(kind Kind, seeded bool, now time.Time) *identity {
	id := &identity{Format: 1, Kind: kind, Nonce: randomText(24), Seeded: seeded, Created: now}
	switch kind {
	case KindUAT:
		id.Name, id.OrganizationID = "Demo UAT", UATOrganizationID
	case KindProduction:
		id.Name, id.OrganizationID = "Demo Production", ProductionOrganizationID
	}
	if seeded {
		id.OrganizationID = hashID("00D", "organization", id.Nonce)
	}
	host := strings.ToLower(strings.ReplaceAll(id.Name, " ", "-")) + ".example"
	id.Users = []user{
		id.newUser("Integration User", "integration@"+host),
		id.newUser("Robin Admin", "robin.admin@"+host),
	}
	return id
}

func (id *identity) newUser(name, username string) user {
	return user{
		ID: hashID("005", id.OrganizationID, username), Name: name, Username: username,
		Password: randomText(16) + randomText(tokenLength), Token: id.newToken(),
	}
}

// newToken has the form that the sf CLI insists on: (00D\w{12,15})![.\w]*
func (id *identity) newToken() string {
	return id.OrganizationID[:15] + "!AQ" + randomText(20) + "." + randomText(60)
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func (id *identity) user(userID string) (user, bool) {
	for _, u := range id.Users {
		if u.ID == userID || len(userID) == 15 && u.ID[:15] == userID {
			return u, true
		}
	}
	return user{}, false
}

func (id *identity) userName(userID string) string {
	u, _ := id.user(userID)
	return u.Name
}

// named returns the user who may sign in with the name.
func (id *identity) named(username string) (user, bool) {
	for _, u := range id.Users {
		if u.Password != "" && strings.EqualFold(u.Username, strings.TrimSpace(username)) {
			return u, true
		}
	}
	return user{}, false
}

// signIn returns the user of a right username and password. tokenMissing says
// that the password is right up to its security token.
func (id *identity) signIn(username, password string) (u user, ok, tokenMissing bool) {
	u, known := id.named(username)
	if !known {
		return user{}, false, false
	}
	bare := u.Password[:max(0, len(u.Password)-tokenLength)]
	tokenMissing = subtle.ConstantTimeCompare([]byte(bare), []byte(password)) == 1
	return u, subtle.ConstantTimeCompare([]byte(u.Password), []byte(password)) == 1, tokenMissing
}

const keptSessions = 500

func (id *identity) addSession(s session, now time.Time) string {
	token := id.newToken()
	s.TokenHash, s.Used = hashToken(token), now
	id.Sessions = append(id.Sessions, s)
	if over := len(id.Sessions) - keptSessions; over > 0 {
		id.Sessions = append([]session{}, id.Sessions[over:]...)
	}
	return token
}

// bySession returns the user whose session the token is, and marks it as used.
func (id *identity) bySession(token string, now time.Time) (user, bool) {
	if token == "" {
		return user{}, false
	}
	for _, u := range id.Users {
		if u.Token != "" && subtle.ConstantTimeCompare([]byte(u.Token), []byte(token)) == 1 {
			return u, true
		}
	}
	hash := hashToken(token)
	for i := range id.Sessions {
		s := &id.Sessions[i]
		if s.TokenHash != hash || now.Sub(s.Used) > sessionLife {
			continue
		}
		s.Used = now
		u, ok := id.user(s.UserID)
		u.provoked = s.Provoked
		return u, ok
	}
	return user{}, false
}

// endSession ends one session; a token of Connection is replaced by a new one.
func (id *identity) endSession(token string) bool {
	for i := range id.Users {
		if id.Users[i].Token != "" && id.Users[i].Token == token {
			id.Users[i].Token = id.newToken()
			return true
		}
	}
	hash := hashToken(token)
	for i, s := range id.Sessions {
		if s.TokenHash == hash {
			id.Sessions = append(id.Sessions[:i], id.Sessions[i+1:]...)
			return true
		}
	}
	return false
}
