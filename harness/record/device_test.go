package record

import (
	"slices"
	"strings"
	"testing"
)

func TestParseDevice(t *testing.T) {
	for text, want := range map[string]struct {
		kind string
		gpus []int
	}{
		"cpu": {kind: "cpu"}, "gpu": {kind: "gpu"}, "tpu": {kind: "tpu"},
		"gpu:0": {"gpu", []int{0}}, "gpu:0,1": {"gpu", []int{0, 1}}, "gpu:10,2,0": {"gpu", []int{10, 2, 0}},
	} {
		kind, gpus, err := ParseDevice(text)
		if err != nil || kind != want.kind || !slices.Equal(gpus, want.gpus) {
			t.Errorf("%s: %q, %v, %v", text, kind, gpus, err)
		}
		if got := (Config{Device: text}).GPUs(); !slices.Equal(got, want.gpus) {
			t.Errorf("%s: GPUs are %v", text, got)
		}
	}
}

func TestParseDeviceRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"": "is not one of cpu, gpu", "abacus": `"abacus" is not one of`, "GPU": `"GPU" is not one of`, "gpus:1": "is not one of",
		"cpu:0": "only a gpu has one", "cpu:0,1": "only a gpu has one", "tpu:1": "only a gpu has one",
		"gpu:": `"" is no number of a GPU`, "gpu:0,": `"" is no number of a GPU`, "gpu:,1": `"" is no number of a GPU`, "gpu:x": `"x" is no number`,
		"gpu:-1": `"-1" is no number`, "gpu:0,-1": `"-1" is no number`, "gpu:01": `"01" is no number`, "gpu:0, 1": `" 1" is no number`,
		"gpu:65536": `"65536" is no number`, "gpu:99999999999999999999": "is no number", "gpu:0:1": `"0:1" is no number`,
		"gpu:0,0": "names GPU 0 twice", "gpu:2,1,2": "names GPU 2 twice",
	} {
		kind, gpus, err := ParseDevice(text)
		if err == nil || !strings.Contains(err.Error(), says) || kind != "" || gpus != nil {
			t.Errorf("%q: %q, %v, error %v, want one that says %s", text, kind, gpus, err, says)
		}
		if got := (Config{Device: text}).GPUs(); got != nil {
			t.Errorf("%q: GPUs are %v", text, got)
		}
	}
}
