package app

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestEveryAnswerCarriesTheContentPolicy(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/missing" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte("page"))
	})
	for _, path := range []string{"/", "/assets/index.js", "/missing"} {
		answer := httptest.NewRecorder()
		secured(slog.New(slog.DiscardHandler))(page).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		policy := answer.Header().Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'none'", "script-src 'self';", "frame-src 'none'", "object-src 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, rule) {
				t.Errorf("%s: the policy lacks %q: %s", path, rule, policy)
			}
		}
		if strings.Contains(policy, "unsafe-eval") {
			t.Errorf("%s: the policy allows eval: %s", path, policy)
		}
	}
}

func TestAPanicWhileServingThePageIsAnAnswerAndALogLine(t *testing.T) {
	var log bytes.Buffer
	broken := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no such page") })
	answer := httptest.NewRecorder()
	secured(slog.New(slog.NewTextHandler(&log, nil)))(broken).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/x", nil))
	if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "no such page") {
		t.Errorf("the answer is %d %q", answer.Code, answer.Body)
	}
	if !strings.Contains(log.String(), "no such page") {
		t.Errorf("the panic is not in the log: %s", log.String())
	}
}
