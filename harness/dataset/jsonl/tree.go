package jsonl

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// tree is the objects of lines, joined.
type tree struct {
	root node
	made func(*node)                       // is called for a new key
	do   func(n *node, value []byte) error // is called with the value of a key
	line int                               // that is walked
}

// node is a key of an object.
type node struct {
	name string           // with those of the objects around it: a.b
	key  []byte           // as it is written
	line int              // that had it last
	last []*node          // the keys of its last object, in their order
	keys map[string]*node // its keys, by their names

	places []place // of a decoder
	first  shape
	found  *found // of a survey
}

// walk calls t.do with the values of a line, which is a valid object.
func (t *tree) walk(line int, object []byte) error {
	t.line = line
	_, err := t.object(&t.root, object, 0)
	return err
}

// object walks the object that begins at i, and returns where it ends.
func (t *tree) object(of *node, b []byte, i int) (end int, err error) {
	i = skip(b, i+1)
	for at := 0; b[i] != '}'; at++ {
		end := stringEnd(b, i)
		n, err := t.find(of, at, b[i:end])
		if err != nil {
			return 0, err
		}
		i = skip(b, end) // the colon
		i = skip(b, i+1)
		if b[i] == '{' {
			i, err = t.object(n, b, i)
		} else {
			from := i
			i = valueEnd(b, i)
			err = t.do(n, b[from:i])
		}
		if err != nil {
			return 0, err
		}
		i = skip(b, i)
	}
	return i + 1, nil
}

// find returns the node of a key that comes as number at in an object. Objects have
// their keys in one order as a rule, so it is the one that came there before.
func (t *tree) find(of *node, at int, key []byte) (*node, error) {
	var n *node
	if at < len(of.last) && bytes.Equal(of.last[at].key, key) {
		n = of.last[at]
	} else {
		n = t.look(of, key)
		if at == len(of.last) {
			of.last = append(of.last, n)
		}
		of.last[at] = n
	}
	if n.line == t.line {
		return nil, fmt.Errorf("has two values called %q: keep one of them", n.name)
	}
	n.line = t.line
	return n, nil
}

// look finds a key by its name, or makes a node for it.
func (t *tree) look(of *node, key []byte) *node {
	name, _ := jsontext.AppendUnquote(nil, key) // it is valid
	if n := of.keys[string(name)]; n != nil {
		return n
	}
	n := &node{name: string(name), key: bytes.Clone(key)}
	if of != &t.root {
		n.name = of.name + "." + n.name
	}
	if of.keys == nil {
		of.keys = make(map[string]*node)
	}
	of.keys[string(name)] = n
	t.made(n)
	return n
}
