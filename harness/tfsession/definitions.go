package tfsession

import (
	"slices"
	"strconv"
	"strings"

	attrpb "github.com/galeone/tensorflow/tensorflow/go/core/framework/attr_value_go_proto"
	functionpb "github.com/galeone/tensorflow/tensorflow/go/core/framework/function_go_proto"
	graphpb "github.com/galeone/tensorflow/tensorflow/go/core/framework/graph_go_proto"
	nodepb "github.com/galeone/tensorflow/tensorflow/go/core/framework/node_def_go_proto"

	tf "github.com/galeone/tensorflow/tensorflow/go"
)

// definitions are the nodes and functions of a graph, until they are taken.
type definitions struct {
	whole     *graphpb.GraphDef
	nodes     map[string]*nodepb.NodeDef
	functions map[string]*functionpb.FunctionDef
	alike     map[string][]string // functions by the interface that they implement
}

// implements is the attribute of functions that TensorFlow may call in place of each other.
const implements = "api_implements"

func newDefinitions(g *graphpb.GraphDef) *definitions {
	d := &definitions{whole: g, nodes: make(map[string]*nodepb.NodeDef), functions: make(map[string]*functionpb.FunctionDef), alike: make(map[string][]string)}
	for _, n := range g.GetNode() {
		d.nodes[n.GetName()] = n
	}
	for _, f := range g.GetLibrary().GetFunction() {
		name := f.GetSignature().GetName()
		d.functions[name] = f
		if of := string(f.GetAttr()[implements].GetS()); of != "" {
			d.alike[of] = append(d.alike[of], name)
		}
	}
	return d
}

// tensorOf is one output of a node; controls is the index of its control output.
type tensorOf struct {
	node  string
	index int
}

const controls = -1

// take returns the named nodes and all that they need, in the graph's order, without
// what is taken already. Of that it returns the outputs that they need.
func (d *definitions) take(names []string) (part *graphpb.GraphDef, needs []tensorOf) {
	t := taking{from: d, nodes: make(map[string]bool), functions: make(map[string]bool)}
	t.node(names)
	part = &graphpb.GraphDef{Versions: d.whole.GetVersions(), Library: new(functionpb.FunctionDefLibrary)}
	for _, n := range d.whole.GetNode() {
		if !t.nodes[n.GetName()] {
			continue
		}
		part.Node = append(part.Node, n)
		for _, text := range n.GetInput() {
			if input := inputOf(text); !t.nodes[input.node] {
				needs = append(needs, input)
			}
		}
	}
	library := d.whole.GetLibrary()
	for _, f := range library.GetFunction() {
		if t.functions[f.GetSignature().GetName()] {
			part.Library.Function = append(part.Library.Function, f)
		}
	}
	for _, g := range library.GetGradient() {
		if t.functions[g.GetFunctionName()] {
			part.Library.Gradient = append(part.Library.Gradient, g)
		}
	}
	return part, needs
}

// taking is what is being taken from a graph.
type taking struct {
	from             *definitions
	nodes, functions map[string]bool
}

// node takes nodes and all that they need.
func (t *taking) node(names []string) {
	for next := slices.Clone(names); len(next) > 0; {
		name := next[len(next)-1]
		next = next[:len(next)-1]
		n, ok := t.from.nodes[name]
		if !ok {
			continue
		}
		delete(t.from.nodes, name)
		t.nodes[name] = true
		t.called(n)
		for _, text := range n.GetInput() {
			next = append(next, inputOf(text).node)
		}
	}
}

// called takes the functions that a node may call: whatever it names.
func (t *taking) called(n *nodepb.NodeDef) {
	t.function(n.GetOp())
	t.named(n.GetAttr())
}

func (t *taking) named(attrs map[string]*attrpb.AttrValue) {
	for _, a := range attrs {
		t.function(string(a.GetS()))
		for _, s := range a.GetList().GetS() {
			t.function(string(s))
		}
		for _, f := range append(a.GetList().GetFunc(), a.GetFunc()) {
			t.function(f.GetName())
			t.named(f.GetAttr())
		}
	}
}

func (t *taking) function(name string) {
	f, ok := t.from.functions[name]
	if !ok {
		return
	}
	delete(t.from.functions, name)
	t.functions[name] = true
	t.named(f.GetAttr())
	for _, n := range f.GetNodeDef() {
		t.called(n)
	}
	for _, g := range t.from.whole.GetLibrary().GetGradient() {
		if g.GetFunctionName() == name {
			t.function(g.GetGradientFunc())
		}
	}
	for _, other := range t.from.alike[string(f.GetAttr()[implements].GetS())] {
		t.function(other)
	}
}

// inputOf reads an input of a node: "name", "name:1" or "^name".
func inputOf(text string) tensorOf {
	if name, ok := strings.CutPrefix(text, "^"); ok {
		return tensorOf{name, controls}
	}
	name, index, _ := strings.Cut(text, ":")
	n, _ := strconv.Atoi(index) // none is 0
	return tensorOf{name, n}
}

// nodeOf is the node of a tensor's name.
func nodeOf(tensor string) string { return inputOf(tensor).node }

// nodesOf names the nodes of a signature's inputs and outputs.
func nodesOf(s tf.Signature) []string {
	var out []string
	for _, infos := range []map[string]tf.TensorInfo{s.Inputs, s.Outputs} {
		for _, info := range infos {
			out = append(out, nodeOf(info.Name))
		}
	}
	return out
}
