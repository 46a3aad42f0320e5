package governance

import "strings"

// A Reason is why something cannot be done: a sentence in English, and the
// code and the values that a translation of it is made of. The zero Reason is
// none.
type Reason struct {
	Code   string            `json:"code"`
	Text   string            `json:"text"`
	Params map[string]string `json:"params"`
}

// because fills the places {name} of a sentence. What follows the sentence are
// names and values in turn.
func because(code, sentence string, values ...string) Reason {
	r := Reason{Code: code, Params: map[string]string{}}
	places := []string{}
	for i := 0; i+1 < len(values); i += 2 {
		r.Params[values[i]] = values[i+1]
		places = append(places, "{"+values[i]+"}", values[i+1])
	}
	r.Text = strings.NewReplacer(places...).Replace(sentence)
	return r
}

// None reports whether nothing stands against it.
func (r Reason) None() bool { return r.none() }

// none is None.
func (r Reason) none() bool { return r.Text == "" }

// refusal is the fault not_allowed with the reason, which is translated by its
// own code.
func (r Reason) refusal() error {
	f := Faultf("not_allowed", "%s", r.Text).WithHint("Choose another action, or ask someone who may do it.")
	f.Words, f.Params = "why."+r.Code, r.Params
	return f
}
