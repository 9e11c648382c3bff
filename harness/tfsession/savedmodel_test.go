package tfsession

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	attrpb "github.com/galeone/tensorflow/tensorflow/go/core/framework/attr_value_go_proto"
	functionpb "github.com/galeone/tensorflow/tensorflow/go/core/framework/function_go_proto"
	graphpb "github.com/galeone/tensorflow/tensorflow/go/core/framework/graph_go_proto"
	nodepb "github.com/galeone/tensorflow/tensorflow/go/core/framework/node_def_go_proto"
	opdefpb "github.com/galeone/tensorflow/tensorflow/go/core/framework/op_def_go_proto"
	typespb "github.com/galeone/tensorflow/tensorflow/go/core/framework/types_go_proto"
	corepb "github.com/galeone/tensorflow/tensorflow/go/core/protobuf/for_core_protos_go_proto"

	tf "github.com/galeone/tensorflow/tensorflow/go"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"epochtime/harness/graph"
)

func node(name, op string, inputs ...string) *nodepb.NodeDef {
	return &nodepb.NodeDef{Name: name, Op: op, Input: inputs, Attr: map[string]*attrpb.AttrValue{}}
}

func with(n *nodepb.NodeDef, attr string, value *attrpb.AttrValue) *nodepb.NodeDef {
	n.Attr[attr] = value
	return n
}

func calls(name string) *attrpb.AttrValue {
	return &attrpb.AttrValue{Value: &attrpb.AttrValue_Func{Func: &attrpb.NameAttrList{Name: name}}}
}

func text(s string) *attrpb.AttrValue {
	return &attrpb.AttrValue{Value: &attrpb.AttrValue_S{S: []byte(s)}}
}

func function(name string, nodes ...*nodepb.NodeDef) *functionpb.FunctionDef {
	return &functionpb.FunctionDef{Signature: &opdefpb.OpDef{Name: name}, NodeDef: nodes, Attr: map[string]*attrpb.AttrValue{}}
}

// takenFrom names what take returns.
func takenFrom(d *definitions, names ...string) (nodes, functions []string, needs []tensorOf) {
	part, needs := d.take(names)
	for _, n := range part.GetNode() {
		nodes = append(nodes, n.GetName())
	}
	for _, f := range part.GetLibrary().GetFunction() {
		functions = append(functions, f.GetSignature().GetName())
	}
	return nodes, functions, needs
}

func TestPartsOfAGraph(t *testing.T) {
	branches := &attrpb.AttrValue{Value: &attrpb.AttrValue_List{List: &attrpb.AttrValue_ListValue{Func: []*attrpb.NameAttrList{{Name: "listed"}}}}}
	swapped, other := function("swapped"), function("other")
	swapped.Attr[implements], other.Attr[implements] = text("lstm"), text("lstm")
	outer := function("outer", with(node("loop", "While"), "body", calls("inner")), with(node("case", "Case"), "branches", branches), node("direct", "operation"))
	outer.Attr["forward_function_name"] = text("forward")
	d := newDefinitions(&graphpb.GraphDef{
		Node: []*nodepb.NodeDef{
			node("variable", "VarHandleOp"), node("x", "Placeholder"), with(node("train", "PartitionedCall", "x", "variable:0", "^variable"), "f", calls("outer")),
			with(node("predict", "PartitionedCall", "x", "train:2", "^train"), "f", calls("swapped")), node("unused", "NoOp"),
		},
		Library: &functionpb.FunctionDefLibrary{
			Function: []*functionpb.FunctionDef{
				outer, swapped, other, function("inner"), function("listed"), function("operation"), function("forward"), function("gradient"), function("unused"),
			},
			Gradient: []*functionpb.GradientDef{{FunctionName: "inner", GradientFunc: "gradient"}, {FunctionName: "unused", GradientFunc: "outer"}},
		},
	})
	nodes, functions, needs := takenFrom(d, "variable")
	if diff := cmp.Diff([]string{"variable"}, nodes); diff != "" || functions != nil || needs != nil {
		t.Errorf("a variable takes %v, %v and needs %v", nodes, functions, needs)
	}
	nodes, functions, needs = takenFrom(d, "train", "x", "train")
	if diff := cmp.Diff([]string{"x", "train"}, nodes); diff != "" {
		t.Error("nodes of train:", diff)
	}
	if diff := cmp.Diff([]string{"outer", "inner", "listed", "operation", "forward", "gradient"}, functions); diff != "" {
		t.Error("functions of train:", diff)
	}
	if diff := cmp.Diff([]tensorOf{{"variable", 0}, {"variable", controls}}, needs, cmp.AllowUnexported(tensorOf{})); diff != "" {
		t.Error("what train needs:", diff)
	}
	_, functions, needs = takenFrom(d, "predict")
	if diff := cmp.Diff([]string{"swapped", "other"}, functions); diff != "" {
		t.Error("functions of predict:", diff)
	}
	if diff := cmp.Diff([]tensorOf{{"x", 0}, {"train", 2}, {"train", controls}}, needs, cmp.AllowUnexported(tensorOf{})); diff != "" {
		t.Error("what predict needs:", diff)
	}
	if nodes, functions, _ := takenFrom(d, "predict", "train", "none"); nodes != nil || functions != nil {
		t.Errorf("taken twice: %v, %v", nodes, functions)
	}
}

// A signature is added when it is resolved, whatever has run before, and trains as ever.
func TestSignaturesAreAddedWhenResolved(t *testing.T) {
	m := openGraph(t, "linear")
	tr := newTrainer(t, m, 8)
	has := func(name string) bool { return tr.session.model.Graph.Operation(name) != nil }
	if !has("train_x") || !has(m.Reset.Operation) || has("predict_x") || has("evaluate_x") {
		t.Errorf("the graph of a trainer has train %v, predict %v, evaluate %v", has("train_x"), has("predict_x"), has("evaluate_x"))
	}
	first := tr.run(t)
	if err := tr.session.Reset(); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.session.signature(m.Signatures[graph.Predict].Key); err != nil || !has("predict_x") {
		t.Fatalf("the signature predict, after a step: %v, in the graph %v", err, has("predict_x"))
	}
	if again := tr.run(t); again != first {
		t.Errorf("after another signature was added the first step's loss is %v, not %v", again, first)
	}
}

// saved writes a SavedModel whose table is made of a file.
func saved(t *testing.T, change func(*corepb.MetaGraphDef)) string {
	t.Helper()
	dtype := func(d typespb.DataType) *attrpb.AttrValue {
		return &attrpb.AttrValue{Value: &attrpb.AttrValue_Type{Type: d}}
	}
	number := func(i int64) *attrpb.AttrValue { return &attrpb.AttrValue{Value: &attrpb.AttrValue_I{I: i}} }
	table := with(with(node("table", "HashTableV2"), "key_dtype", dtype(typespb.DataType_DT_STRING)), "value_dtype", dtype(typespb.DataType_DT_INT64))
	fill := with(with(node("fill", "InitializeTableFromTextFileV2", "table", "file"), "key_index", number(-2)), "value_index", number(-1))
	meta := &corepb.MetaGraphDef{
		MetaInfoDef: &corepb.MetaGraphDef_MetaInfoDef{Tags: []string{"serve"}},
		GraphDef: &graphpb.GraphDef{Node: []*nodepb.NodeDef{
			node("init", "NoOp", "^fill"), fill, table, with(node("file", "Placeholder"), "dtype", dtype(typespb.DataType_DT_STRING)),
			node("size", "LookupTableSizeV2", "table"),
		}},
		SignatureDef: map[string]*corepb.SignatureDef{
			initOp: {Outputs: map[string]*corepb.TensorInfo{initOp: {Encoding: &corepb.TensorInfo_Name{Name: "init"}}}},
			"size": {Outputs: map[string]*corepb.TensorInfo{"size": {Encoding: &corepb.TensorInfo_Name{Name: "size:0"}}}},
		},
		AssetFileDef: []*corepb.AssetFileDef{{TensorInfo: &corepb.TensorInfo{Encoding: &corepb.TensorInfo_Name{Name: "file:0"}}, Filename: "words.txt"}},
	}
	change(meta)
	dir := t.TempDir()
	content, err := proto.Marshal(&corepb.SavedModel{MetaGraphs: []*corepb.MetaGraphDef{meta}})
	for name, b := range map[string][]byte{"saved_model.pb": content, "assets/words.txt": []byte("red\ngreen\n")} {
		path := filepath.Join(dir, name)
		if err := errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, b, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTablesAreMadeOfTheirFiles(t *testing.T) {
	dir := saved(t, func(*corepb.MetaGraphDef) {})
	m, meta, err := loadSavedModel(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Session.Close()
	if err := errors.Join(m.initialize(dir, meta), m.resolve(m.Signatures["size"])); err != nil {
		t.Fatal(err)
	}
	out, err := m.Session.Run(nil, []tf.Output{m.Graph.Operation("size").Output(0)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := out[0].Value(); got != int64(2) {
		t.Errorf("the table of a file of two lines has %v entries", got)
	}
}

func TestSavedModelsThatCannotBeLoaded(t *testing.T) {
	load := func(change func(*corepb.MetaGraphDef)) error {
		dir := saved(t, change)
		m, meta, err := loadSavedModel(dir, nil)
		if err != nil {
			return err
		}
		defer m.Session.Close()
		return errors.Join(m.initialize(dir, meta), m.resolve(m.Signatures["size"]))
	}
	for name, change := range map[string]func(*corepb.MetaGraphDef){
		"another tag":          func(m *corepb.MetaGraphDef) { m.MetaInfoDef.Tags = []string{"train"} },
		"no graph":             func(m *corepb.MetaGraphDef) { m.GraphDef = nil },
		"an unknown operation": func(m *corepb.MetaGraphDef) { m.GraphDef.Node[4].Op = "NoSuchOp" },
		"no input":             func(m *corepb.MetaGraphDef) { m.GraphDef.Node[4].Input[0] = "none" },
		"no such file":         func(m *corepb.MetaGraphDef) { m.AssetFileDef[0].Filename = "none.txt" },
		"no tensor of a file":  func(m *corepb.MetaGraphDef) { m.AssetFileDef[0].TensorInfo = nil },
	} {
		if err := load(change); !errors.Is(err, ErrGraph) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
