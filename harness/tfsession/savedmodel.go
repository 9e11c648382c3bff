package tfsession

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	tf "github.com/galeone/tensorflow/tensorflow/go"
	nodepb "github.com/galeone/tensorflow/tensorflow/go/core/framework/node_def_go_proto"
	corepb "github.com/galeone/tensorflow/tensorflow/go/core/protobuf/for_core_protos_go_proto"
	"google.golang.org/protobuf/proto"
)

// savedModel is a SavedModel, of which the session's graph has only what is called.
//
// For every new call TensorFlow rewrites the session's whole graph, and only then takes
// from it what the call needs. Its own loader has each signature in the graph, and
// rewrites it for a restore of the variables whose result Reset could not use again. So
// the graph here begins with the variables and their restore, and a signature is
// added when it is first resolved.
type savedModel struct {
	Session    *tf.Session
	Graph      *tf.Graph
	Signatures map[string]tf.Signature

	mu   sync.Mutex
	rest *definitions // what the graph does not have yet
}

// initOp is the signature, and its output, of what makes a SavedModel's tables.
const initOp = "__saved_model_init_op"

// loadSavedModel makes a session of the SavedModel in a folder, without its signatures.
// The variables have no values yet. Errors are ErrGraph, ErrDevice and ErrOOM.
func loadSavedModel(dir string, config []byte) (*savedModel, *corepb.MetaGraphDef, error) {
	meta, err := readMetaGraph(filepath.Join(dir, "saved_model.pb"))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrGraph, err)
	}
	m := &savedModel{Graph: tf.NewGraph(), Signatures: make(map[string]tf.Signature), rest: newDefinitions(meta.GetGraphDef())}
	for key, s := range meta.GetSignatureDef() {
		m.Signatures[key] = tf.Signature{Inputs: tensorInfos(s.GetInputs()), Outputs: tensorInfos(s.GetOutputs()), MethodName: s.GetMethodName()}
	}
	if err := m.add(m.base(meta)); err != nil {
		return nil, nil, err
	}
	if m.Session, err = tf.NewSession(m.Graph, &tf.SessionOptions{Config: config}); err != nil {
		return nil, nil, classify(ErrGraph, err)
	}
	return m, meta, nil
}

// readMetaGraph reads what a SavedModel has for serving.
func readMetaGraph(path string) (*corepb.MetaGraphDef, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var saved corepb.SavedModel
	if err := proto.Unmarshal(text, &saved); err != nil {
		return nil, fmt.Errorf("%s is no SavedModel: %w", path, err)
	}
	for _, meta := range saved.GetMetaGraphs() {
		if slices.Equal(meta.GetMetaInfoDef().GetTags(), []string{"serve"}) && meta.GetGraphDef() != nil {
			return meta, nil
		}
	}
	return nil, fmt.Errorf("%s has no graph with the tag serve", path)
}

func tensorInfos(of map[string]*corepb.TensorInfo) map[string]tf.TensorInfo {
	out := make(map[string]tf.TensorInfo, len(of))
	for name, info := range of {
		var dims []int64
		for _, d := range info.GetTensorShape().GetDim() {
			dims = append(dims, d.GetSize())
		}
		out[name] = tf.TensorInfo{Name: info.GetName(), DType: tf.DataType(info.GetDtype()), Shape: tf.MakeShape(dims...)}
	}
	return out
}

// base names the nodes that belong to no signature, without what saves the variables.
func (m *savedModel) base(meta *corepb.MetaGraphDef) []string {
	left := map[string]bool{nodeOf(meta.GetSaverDef().GetSaveTensorName()): true}
	for key, s := range m.Signatures {
		if key != initOp {
			for _, name := range nodesOf(s) {
				left[name] = true
			}
		}
	}
	var out []string
	for _, n := range meta.GetGraphDef().GetNode() {
		if !left[n.GetName()] {
			out = append(out, n.GetName())
		}
	}
	return out
}

// resolve adds a signature's nodes to the graph, unless it has them. Errors are ErrGraph.
func (m *savedModel) resolve(s tf.Signature) error { return m.add(nodesOf(s)) }

// add adds nodes to the graph, and what they need.
func (m *savedModel) add(names []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	part, needs := m.rest.take(names)
	if len(part.GetNode()) == 0 {
		return nil
	}
	text, err := proto.Marshal(part)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrGraph, err)
	}
	var options tf.GraphImportOptions
	for _, input := range needs {
		o := m.Graph.Operation(input.node)
		if o == nil {
			return fmt.Errorf("%w: it has no node %q", ErrGraph, input.node)
		}
		options.AddInputMapping(input.node, input.index, tf.Output{Op: o, Index: input.index})
	}
	if err := m.Graph.ImportWithOptions(text, options); err != nil {
		return classify(ErrGraph, err)
	}
	return nil
}

// initialize makes tables and whatever else a SavedModel has beside variables. Their files
// are in its folder. Errors are ErrGraph and ErrOOM.
func (m *savedModel) initialize(dir string, meta *corepb.MetaGraphDef) error {
	name := nodeOf(m.Signatures[initOp].Outputs[initOp].Name)
	i := slices.IndexFunc(meta.GetGraphDef().GetNode(), func(n *nodepb.NodeDef) bool { return n.GetName() == name })
	if i < 0 {
		return nil
	}
	if n := meta.GetGraphDef().GetNode()[i]; n.GetOp() == "NoOp" && len(n.GetInput()) == 0 {
		return nil
	}
	files := make(map[tf.Output]*tf.Tensor)
	for _, asset := range meta.GetAssetFileDef() {
		from := m.Graph.Operation(nodeOf(asset.GetTensorInfo().GetName()))
		if from == nil {
			return fmt.Errorf("%w: it has no tensor for its file %s", ErrGraph, asset.GetFilename())
		}
		path, err := tf.NewTensor(filepath.Join(dir, "assets", asset.GetFilename()))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrGraph, err)
		}
		files[from.Output(0)] = path
	}
	if _, err := m.Session.Run(files, nil, []*tf.Operation{m.Graph.Operation(name)}); err != nil {
		return classify(ErrGraph, fmt.Errorf("initializing it: %w", err))
	}
	return nil
}
