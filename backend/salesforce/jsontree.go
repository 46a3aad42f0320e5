package salesforce

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// parseJSON reads one JSON object into the tree that parseXML makes of the same
// answer, so that one reader serves both transports: a list becomes children of
// one name, null is left out, numbers and truth values are text.
func parseJSON(raw []byte) (*node, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	p := &jsonParser{decoder: decoder, most: answerLimits}
	root := &node{}
	if err := p.document(root); err != nil {
		return nil, describeJSONError(err)
	}
	return root, nil
}

type jsonParser struct {
	decoder  *json.Decoder
	most     limits
	elements int
}

func (p *jsonParser) document(root *node) error {
	token, err := p.decoder.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return errNotWellMade
	}
	if err := p.object(root, 1); err != nil {
		return err
	}
	if _, err := p.decoder.Token(); !errors.Is(err, io.EOF) {
		return errNotWellMade
	}
	return nil
}

// object reads members up to the closing brace.
func (p *jsonParser) object(n *node, depth int) error {
	for {
		token, err := p.decoder.Token()
		if err != nil {
			return err
		}
		name, isName := token.(string)
		if !isName {
			return nil // the closing brace
		}
		if token, err = p.decoder.Token(); err != nil {
			return err
		}
		if err := p.value(n, name, token, depth+1); err != nil {
			return err
		}
	}
}

// value adds what begins with token to n, under that name.
func (p *jsonParser) value(n *node, name string, token json.Token, depth int) error {
	if p.elements++; p.elements > p.most.elements || depth > p.most.depth {
		return errTooLarge
	}
	child := &node{name: name}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return p.list(n, name, depth)
		}
		if err := p.object(child, depth); err != nil {
			return err
		}
	case nil:
		return nil
	case bool:
		if child.text = "false"; t {
			child.text = "true"
		}
	case json.Number:
		child.text = t.String()
	case string:
		child.text = t
	}
	n.children = append(n.children, child)
	return nil
}

// list adds every element under one name. A list in a list is not told apart.
func (p *jsonParser) list(n *node, name string, depth int) error {
	for {
		token, err := p.decoder.Token()
		if err != nil {
			return err
		}
		if token == json.Delim(']') {
			return nil
		}
		if err := p.value(n, name, token, depth+1); err != nil {
			return err
		}
	}
}

// describeJSONError tells an answer that was cut off from one that was never
// right.
func describeJSONError(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errCutOff
	case errors.As(err, &syntax):
		return errNotWellMade
	}
	return err
}
