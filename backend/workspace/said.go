package workspace

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Said is a sentence for the page: in English, and with the code and the
// values that a translation is made of. A value that is a number is in plain
// digits, a time is RFC 3339 in UTC.
type Said struct {
	Text   string            `json:"text"`
	Code   string            `json:"code"`
	Params map[string]string `json:"params"`
	// Parts are the values that are sentences themselves, such as a reason; the
	// code of each is the whole key of its words.
	Parts map[string]Said `json:"parts,omitempty"`
}

// said fills the English of a code. What follows are names and values in turn;
// a value is a string, a number, a time or a sentence.
func (w *Workspace) said(code string, values ...any) Said {
	s := Said{Code: code, Params: map[string]string{}}
	for i := 0; i+1 < len(values); i += 2 {
		name, _ := values[i].(string)
		part, isPart := values[i+1].(Said)
		if !isPart {
			s.put(name, valueOf(values[i+1]))
			continue
		}
		if s.Parts == nil {
			s.Parts = map[string]Said{}
		}
		s.Params[name], s.Parts[name] = part.Text, part
	}
	s.Text = strings.TrimSpace(filled(english[code], s.Params, w.now()))
	return s
}

// quoted is a sentence that comes ready made, such as from the gate.
func quoted(code, text string) Said {
	return Said{Text: text, Code: code, Params: map[string]string{}}
}

func valueOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(time.RFC3339)
	}
	return fmt.Sprint(v)
}

// blank is a place in a sentence: {name}, {n:component|components} with the
// number in front, or {at ago}.
var blank = regexp.MustCompile(`\{(\w+)(?::([^|}]*)\|([^}]*)|( ago))?\}`)

// A part of a sentence is its own text, and the place that comes after it.
type part struct {
	text      string
	name      string // of the value, empty at the end
	one, many string // words behind a number, if counted
	counted   bool
	ago       bool
}

// sentences remembers the parts of each text: it is filled in thousands of times.
var sentences sync.Map

func partsOf(text string) []part {
	if known, there := sentences.Load(text); there {
		return known.([]part)
	}
	parts, at := []part{}, 0
	for _, m := range blank.FindAllStringSubmatchIndex(text, -1) {
		word := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return text[m[2*n]:m[2*n+1]]
		}
		parts = append(parts, part{text: text[at:m[0]], name: word(1), one: word(2), many: word(3), counted: m[4] >= 0, ago: m[8] >= 0})
		at = m[1]
	}
	parts = append(parts, part{text: text[at:]})
	sentences.Store(text, parts)
	return parts
}

func filled(text string, params map[string]string, now time.Time) string {
	var b strings.Builder
	for _, p := range partsOf(text) {
		b.WriteString(p.text)
		if p.name == "" {
			continue
		}
		value := params[p.name]
		at, err := time.Time{}, error(nil)
		if p.ago {
			at, err = time.Parse(time.RFC3339, value)
		}
		switch {
		case p.ago && err != nil:
			b.WriteString(value)
		case p.ago:
			b.WriteString(ago(now.Sub(at)))
		case p.counted && value == "1":
			b.WriteString("1 " + p.one)
		case p.counted:
			b.WriteString(grouped(value) + " " + p.many)
		default:
			b.WriteString(moment(grouped(value)))
		}
	}
	return b.String()
}

// moment writes a time as people do, in UTC, and leaves what is none alone.
func moment(value string) string {
	if len(value) != len("2006-01-02T15:04:05Z") {
		return value
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return value
	}
	return at.Format("Jan 2, 2006, 15:04 UTC")
}

// grouped writes 10432 as 10,432 and leaves what is no number alone.
func grouped(value string) string {
	if _, err := strconv.ParseInt(value, 10, 64); err != nil || len(value) < 5 || strings.HasPrefix(value, "0") {
		return value
	}
	for i := len(value) - 3; i > 0 && value[i-1] != '-'; i -= 3 {
		value = value[:i] + "," + value[i:]
	}
	return value
}

func ago(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		word string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int64(d / u.size); n > 0 {
			return plural(n, u.word) + " ago"
		}
	}
	return "just now"
}

func plural(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return grouped(strconv.FormatInt(n, 10)) + " " + word + "s"
}

// english is every sentence of these views by its code.
var english = gathered(stepEnglish, nextEnglish, contentEnglish, logEnglish, trailEnglish, environmentEnglish, doctorEnglish, whyEnglish, membersEnglish, outsideEnglish, fileEnglish)

func gathered(tables ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}
