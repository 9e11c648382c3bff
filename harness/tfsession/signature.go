package tfsession

import (
	"fmt"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// signature is one of the SavedModel's, in which names are looked up.
type signature struct {
	session *Session
	key     string
	tf.Signature
}

func (s *Session) signature(key string) (signature, error) {
	found, ok := s.model.Signatures[key]
	if !ok {
		return signature{}, fmt.Errorf("%w: it has no signature %q", ErrGraph, key)
	}
	if err := s.model.resolve(found); err != nil {
		return signature{}, err
	}
	return signature{s, key, found}, nil
}

// columns are its inputs of the names and types of the manifest's inputs and
// targets, in their order.
func (s signature) columns() ([]tf.Output, error) {
	var out []tf.Output
	for _, t := range s.session.manifest.Tensors() {
		o, err := s.input(t.Name, t.DType)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

func (s signature) input(name string, want graph.DType) (tf.Output, error) {
	info, ok := s.Inputs[name]
	if !ok {
		return tf.Output{}, fmt.Errorf("%w: its signature %q has no input %q", ErrGraph, s.key, name)
	}
	if int(info.DType) != int(cTypes[want]) {
		return tf.Output{}, fmt.Errorf("%w: its input %q is not the %s that its manifest says", ErrGraph, name, want)
	}
	return s.session.output(info.Name)
}

// scalar is its output of that name and type.
func (s signature) scalar(name string, want graph.DType) (tf.Output, error) {
	if info, ok := s.Outputs[name]; ok && info.Shape.NumDimensions() > 0 {
		return tf.Output{}, fmt.Errorf("%w: its signature %q has no output %q that is a scalar of %s", ErrGraph, s.key, name, want)
	}
	return s.made(name, want)
}

// made is its output of that name and type.
func (s signature) made(name string, want graph.DType) (tf.Output, error) {
	info, ok := s.Outputs[name]
	if !ok || int(info.DType) != int(cTypes[want]) {
		return tf.Output{}, fmt.Errorf("%w: its signature %q has no output %q that is %s", ErrGraph, s.key, name, want)
	}
	return s.session.output(info.Name)
}
