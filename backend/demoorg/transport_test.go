package demoorg

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestTransportInProcess(t *testing.T) {
	org := openOrg(t, filepath.Join(t.TempDir(), "org"), Options{Seed: writeFolder(t, shop())})
	client := &http.Client{Transport: org.Transport()}
	me := org.Connection()
	if me.URL != "http://localhost" {
		t.Errorf("URL = %s", me.URL)
	}
	// A body that is written while it is read, as a streamed deployment is.
	reader, writer := io.Pipe()
	go func() {
		io.WriteString(writer, strings.TrimSuffix(envelopeFor(me.AccessToken, "<deploy><ZipFile>"), "</e:Body></e:Envelope>"))
		encoder := base64.NewEncoder(base64.StdEncoding, writer)
		encoder.Write(zipOf(t, below("stream", manyClasses(3))))
		encoder.Close()
		io.WriteString(writer, "</ZipFile><DeployOptions>"+allOrNothing+"</DeployOptions></deploy></e:Body></e:Envelope>")
		writer.Close()
	}()
	res, err := client.Post(me.URL+"/services/Soap/m/66.0", "text/xml", reader)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Date") == "" || element(string(answer), "state") != "Queued" {
		t.Fatalf("%v %d %s", err, res.StatusCode, answer)
	}
	res.Body.Close()

	ctx, cancel := context.WithCancel(t.Context())
	blocked, hold := io.Pipe()
	defer hold.Close()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, me.URL+"/services/Soap/m/66.0", blocked)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := client.Do(r); err == nil || ctx.Err() == nil {
		t.Errorf("a canceled call came back with %v", err)
	}
}

func TestCapturedRequests(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "salesforce", "captured")
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	if len(files) == 0 {
		t.Skip("the captured requests are not beside the repository")
	}
	w := serve(t, openOrg(t, filepath.Join(t.TempDir(), "org"), Options{Seed: writeFolder(t, class(map[string]string{}, "Hello", "public class Hello {}"))}))
	token := w.org.Connection().AccessToken
	oldToken := regexp.MustCompile(`00D000000000062![.\w]*`)
	oldDeployment := regexp.MustCompile(`0Af0000000000\d+AAA`)
	oldRetrieve := regexp.MustCompile(`09S0000000000\d+AAA`)
	oldUser := "005000000000001AAA"
	validation := w.run(manyClasses(1), allOrNothing+"<checkOnly>true</checkOnly><testLevel>RunLocalTests</testLevel>")
	validated := element(validation[strings.LastIndex(validation, "</details>"):], "id")
	_, started := w.soap("<retrieve><request><unpackaged><types><members>*</members><name>ApexClass</name></types></unpackaged></request></retrieve>")
	_, raw := w.get("/services/oauth2/userinfo")
	var me map[string]any
	if err := json.Unmarshal([]byte(raw), &me); err != nil {
		t.Fatal(err)
	}
	w.org.pace = time.Second // so that there is something to cancel
	cancelable := w.deploy(zipOf(t, manyClasses(2)), allOrNothing)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			Method, Path, Body string
			Headers            map[string]string
			Status             int
		}
		if err := json.Unmarshal(data, &c); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(name, "oauth2_token") || strings.Contains(name, "POST_services_data") {
			continue // codes and zips of another org; the tests above send their like
		}
		t.Run(name, func(t *testing.T) {
			deployment := validated
			if strings.Contains(name, "cancelDeploy") {
				deployment = cancelable
			}
			swap := func(s string) string {
				s = oldToken.ReplaceAllString(s, token)
				s = oldDeployment.ReplaceAllString(s, deployment)
				s = oldRetrieve.ReplaceAllString(s, element(started, "id"))
				s = strings.ReplaceAll(s, "demo@loopback.test", w.org.Connection().Username)
				s = strings.ReplaceAll(s, "pwTOKEN", w.org.Connection().Password)
				return strings.ReplaceAll(s, oldUser, me["user_id"].(string))
			}
			path := swap(c.Path)
			want := c.Status
			switch {
			case strings.Contains(name, "login"):
				path = "/services/Soap/u/64.0" // the client asked for 66.0, which has no login any more
			case strings.Contains(name, "deployRequest_ID"):
				path = strings.Replace(path, "0Af000000000001AAA", validated, 1)
			}
			r, err := http.NewRequest(c.Method, w.url+path, strings.NewReader(swap(c.Body)))
			if err != nil {
				t.Fatal(err)
			}
			for header, value := range c.Headers {
				if !strings.EqualFold(header, "host") && !strings.EqualFold(header, "content-length") && !strings.EqualFold(header, "connection") && !strings.EqualFold(header, "transfer-encoding") {
					r.Header.Set(header, swap(value))
				}
			}
			client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			res, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			answer, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != want {
				t.Errorf("%s %s: %d, want %d\n%s", c.Method, path, res.StatusCode, want, answer)
			}
			if strings.Contains(path, "/Soap/") {
				file := filepath.Join(answersDir, "captured-"+name+".xml")
				if err := os.WriteFile(file, answer, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
