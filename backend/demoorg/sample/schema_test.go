package sample_test

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/backend/demoorg/sample"
)

// Salesforce's own schema of the metadata types at API 66.0. It lies beside the
// repository on a developer's machine and is no part of it.
const schemaFile = "../../../../shared/salesforce/schema/metadata-v66.http_soap_sforce_com_2006_04_metadata.xsd"

type schemaElement struct {
	Name string `xml:"name,attr"`
	Type string `xml:"type,attr"`
	Min  string `xml:"minOccurs,attr"`
}

type schemaType struct {
	Name      string          `xml:"name,attr"`
	Elements  []schemaElement `xml:"sequence>element"`
	Extension struct {
		Base     string          `xml:"base,attr"`
		Elements []schemaElement `xml:"sequence>element"`
	} `xml:"complexContent>extension"`
}

type schema struct {
	Complex []schemaType `xml:"complexType"`
	Simple  []struct {
		Name   string `xml:"name,attr"`
		Values []struct {
			Value string `xml:"value,attr"`
		} `xml:"restriction>enumeration"`
	} `xml:"simpleType"`
	byName map[string]schemaType
	words  map[string]map[string]bool
}

func readSchema(t *testing.T) *schema {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(schemaFile))
	if err != nil {
		t.Skip("the schema does not lie beside the repository")
	}
	s := &schema{byName: map[string]schemaType{}, words: map[string]map[string]bool{}}
	if err := xml.Unmarshal(data, s); err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Complex {
		s.byName[c.Name] = c
	}
	for _, simple := range s.Simple {
		s.words[simple.Name] = map[string]bool{}
		for _, v := range simple.Values {
			s.words[simple.Name][v.Value] = true
		}
	}
	return s
}

// elements returns the elements of a type and of those it extends, by name.
func (s *schema) elements(name string) map[string]schemaElement {
	all, declared := map[string]schemaElement{}, s.byName[name]
	if base := local(declared.Extension.Base); base != "" {
		all = s.elements(base)
	}
	for _, e := range append(declared.Elements, declared.Extension.Elements...) {
		all[e.Name] = e
	}
	return all
}

func local(name string) string { return name[strings.IndexByte(name, ':')+1:] }

type node struct {
	XMLName  xml.Name
	Children []node `xml:",any"`
	Text     string `xml:",chardata"`
}

// faults lists what the schema does not allow in the node, its order aside:
// files that Salesforce itself retrieves do not follow the schema's order.
func (s *schema) faults(n node, kind string) []string {
	if words := s.words[kind]; len(words) > 0 && !words[n.Text] {
		return []string{n.XMLName.Local + ": " + n.Text + " is no " + kind}
	}
	if _, complex := s.byName[kind]; !complex {
		return nil
	}
	var out []string
	allowed, seen := s.elements(kind), map[string]bool{}
	for _, child := range n.Children {
		e, ok := allowed[child.XMLName.Local]
		if !ok {
			out = append(out, kind+" has no "+child.XMLName.Local)
			continue
		}
		seen[e.Name] = true
		out = append(out, s.faults(child, local(e.Type))...)
	}
	for name, e := range allowed {
		if e.Min == "" && !seen[name] {
			out = append(out, kind+" needs "+name)
		}
	}
	return out
}

func TestEveryDocumentHoldsOnlyWhatSalesforceKnows(t *testing.T) {
	s := readSchema(t)
	// Its target configuration is declared as opaque bytes.
	const bundle = "LightningComponentBundle"
	for _, kind := range []string{sample.UAT, sample.Production} {
		checked := 0
		for file, data := range org(t, kind) {
			if !bytes.HasPrefix(data, []byte("<?xml")) {
				continue
			}
			var root node
			if err := xml.Unmarshal(data, &root); err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			if s.byName[root.XMLName.Local].Name == "" {
				t.Errorf("%s: no type is named %s", file, root.XMLName.Local)
			}
			for _, fault := range s.faults(root, root.XMLName.Local) {
				if root.XMLName.Local != bundle || !strings.HasSuffix(fault, "targetConfigs") {
					t.Errorf("%s: %s", file, fault)
				}
			}
			checked++
		}
		if checked < 120 {
			t.Errorf("%s: only %d documents were checked", kind, checked)
		}
	}
}
