package salesforce

import (
	"bytes"
	"encoding/json"
	"testing"
)

// Whatever Salesforce, a proxy or the sf CLI answers in JSON, reading it ends
// without a panic, and one tree is read as the same answer of SOAP is.
func FuzzJSONAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"id":"0Af000000000001AAA","deployResult":{"status":"Succeeded","success":true,"details":{"componentSuccesses":[{"fullName":"A"}]}}}`,
		`{"attributes":{},"Id":"0Af000000000001AAA","Status":"Failed","CheckOnly":true,"CreatedDate":"2026-01-01T00:00:00.000+0000"}`,
		`[{"message":"No.","errorCode":"INVALID_SESSION_ID"}]`, `{"error":"invalid_grant","error_description":"expired"}`,
		`warning {"status":0,"result":{"accessToken":"x"}}`, `{"a":[[{}]],"b":null,"c":1e999}`, `{`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, err := parseJSON(text)
		if (root == nil) != (err != nil) {
			t.Fatalf("root %v, %v", root, err)
		}
		if err == nil {
			_, _ = readDeployResult(root), readRetrieveResult(root)
		}
		if refused := readRefusal(400, "application/json", text); refused == nil || refused.Status == 0 {
			t.Fatalf("a refusal that refuses nothing: %+v", refused)
		}
		if refused, ok := readOAuthRefusal(400, text); ok && refused == nil {
			t.Fatal("a refusal of a sign-in that refuses nothing")
		}
		_, _ = readSF(text)
		_, _ = readDeployRequest(json.RawMessage(text))
		_, _ = readDependency(json.RawMessage(text))
		var out map[string]json.RawMessage
		_ = readJSON(bytes.NewReader(text), &out)
	})
}

// Both ends of a sign-in over SOAP, and package.xml as an answer brings it.
func FuzzSOAPAnswers(f *testing.F) {
	for _, seed := range []string{soapAnswer(emptyList), soapAnswer(retrieved("UEsF")), metadataFault("A", "b"),
		`<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>A</members><name>ApexClass</name></types></Package>`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var zip bytes.Buffer
		root, _, err := parseXML(bytes.NewReader(text), &zip)
		if zip.Len() > len(text) {
			t.Fatalf("%d bytes of zip out of %d", zip.Len(), len(text))
		}
		if err == nil {
			_ = readMetadataType(root)
			_ = readFileProperties(root.children)
			_ = readRunTests(root)
			_ = readDeployDetails(root)
		}
		_, _ = readManifest(text, "66.0")
	})
}
