package demoorg

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// JWT bearer (RFC 7523), as the sf CLI signs in on a server: an assertion that
// the owner of a key signs in the name of a user. In an org the certificate
// belongs to an app that an administrator approved; here it is a file in the
// org's folder, jwt.pem, which holds a PUBLIC KEY or a CERTIFICATE and is good
// for every consumer key. Without the file nobody has approved anything.

// jwtKeyFile is read at every request, so that it can be put there while the
// org runs.
const jwtKeyFile = "jwt.pem"

// latestExpiry bounds how far ahead an assertion may end. Salesforce asks for
// three minutes; real clients send more.
const latestExpiry = 24 * time.Hour

var (
	notApproved    = &oauthError{"invalid_grant", "user hasn't approved this consumer"}
	badAssertion   = &oauthError{"invalid_grant", "invalid assertion"}
	badAudience    = &oauthError{"invalid_grant", "Audience validation failed"}
	lateAssertion  = &oauthError{"invalid_grant", "expired assertion"}
	noSuchConsumer = &oauthError{"invalid_client_id", "client identifier invalid"}
)

// assertJWT trades an assertion for an access token; there is no refresh token.
func (o *Org) assertJWT(form url.Values, host string) (tokenAnswer, *oauthError) {
	key, err := o.jwtKey()
	if err != nil {
		o.log.Warn("read "+jwtKeyFile, "error", err)
	}
	if key == nil {
		return tokenAnswer{}, notApproved
	}
	claims, ok := verifiedClaims(form.Get("assertion"), key)
	switch {
	case !ok:
		return tokenAnswer{}, badAssertion
	case claims.Issuer == "":
		return tokenAnswer{}, noSuchConsumer
	case !claims.isFor(host):
		return tokenAnswer{}, badAudience
	case !claims.isFresh(o.clock()):
		return tokenAnswer{}, lateAssertion
	}
	name, word := provokedBy(claims.Subject)
	if word == "" {
		word = provokedByConsumer(claims.Issuer)
	}
	if refusal := tokenRefusal(word); refusal != nil {
		return tokenAnswer{}, refusal
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	u, ok := o.who.named(name)
	if !ok {
		return tokenAnswer{}, notApproved
	}
	return o.access(session{UserID: u.ID, Provoked: word}, "web api")
}

func (o *Org) jwtKey() (*rsa.PublicKey, error) {
	data, err := os.ReadFile(filepath.Join(o.dir, jwtKeyFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, errors.New("it holds no PEM")
	}
	var public any
	if block.Type == "CERTIFICATE" {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		public = certificate.PublicKey
	} else if public, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
		return nil, err
	}
	key, ok := public.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < 2048 {
		return nil, errors.New("it holds no RSA key of 2,048 bits or more")
	}
	return key, nil
}

type jwtClaims struct {
	Issuer    string          `json:"iss"`
	Subject   string          `json:"sub"`
	Principal string          `json:"prn"` // an older name of sub, which Salesforce takes too
	Audience  json.RawMessage `json:"aud"`
	Expires   json.Number     `json:"exp"`
}

// verifiedClaims gives what an assertion says when it is signed with RS256 by
// the key.
func verifiedClaims(assertion string, key *rsa.PublicKey) (jwtClaims, bool) {
	var claims jwtClaims
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return claims, false
	}
	var head struct {
		Algorithm string `json:"alg"`
	}
	if !decodeJWT(parts[0], &head) || head.Algorithm != "RS256" {
		return claims, false
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return claims, false
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil || !decodeJWT(parts[1], &claims) {
		return claims, false
	}
	if claims.Subject == "" {
		claims.Subject = claims.Principal
	}
	return claims, true
}

func decodeJWT(part string, into any) bool {
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
	return err == nil && json.Unmarshal(data, into) == nil
}

// isFor tells whether the assertion is meant for this org: by its own address,
// or by one of the addresses at which Salesforce signs people in.
func (c jwtClaims) isFor(host string) bool {
	for _, audience := range c.audiences() {
		switch strings.TrimRight(audience, "/") {
		case "https://login.salesforce.com", "https://test.salesforce.com", "http://" + host:
			return true
		}
	}
	return false
}

func (c jwtClaims) audiences() []string {
	var one string
	if json.Unmarshal(c.Audience, &one) == nil {
		return []string{one}
	}
	var many []string
	_ = json.Unmarshal(c.Audience, &many) // anything else names nobody
	return many
}

// isFresh reads exp in seconds, as the RFC has it, or in milliseconds, as the
// sf CLI sends it.
func (c jwtClaims) isFresh(now time.Time) bool {
	exp, err := c.Expires.Int64()
	if err != nil {
		whole, err := c.Expires.Float64()
		if err != nil {
			return false
		}
		exp = int64(whole)
	}
	const beyondSeconds = 100_000_000_000 // seconds reach this in the year 5138
	until := time.Unix(exp, 0)
	if exp > beyondSeconds {
		until = time.UnixMilli(exp)
	}
	return until.After(now) && until.Before(now.Add(latestExpiry))
}
