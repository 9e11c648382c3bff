package tfsession

import (
	"testing"

	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	functions := map[string]any{
		"Open": Open, "Version": Version, "OnGraph": OnGraph, "Overhead": Overhead, "NewImageDecoder": NewImageDecoder, "Build": Build,
		"Devices": func() {}, // takes nothing: TestDevices
	}
	closed, layered := openEverything(t)
	for _, e := range []*everything{closed, layered} {
		for _, end := range e.closers() {
			if err := end(); err != nil {
				t.Fatal(err)
			}
		}
	}
	zerocheck.Run(t, ".", functions, closed.session, closed.step, closed.buffers, closed.data, closed.resident, closed.total, closed.preloaded,
		closed.decoder, closed.prediction, closed.evaluation, layered.layers, layered.maker, &Options{IntraOp: -1},
		&Built{}, &Pipeline{}, &Validation{}, &Metrics{})
	piped := openPiped(t)
	for _, v := range []any{piped.pipeline, piped.validation, piped.metrics} {
		zerocheck.Methods(t, v)
	}
	live, layers := openEverything(t)
	for _, v := range []any{live.step, live.buffers, live.data, live.resident, live.total, live.preloaded, live.decoder, live.prediction, live.evaluation, layers.layers, layers.maker, live.session} {
		zerocheck.Methods(t, v)
	}
}
