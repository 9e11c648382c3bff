package scripted

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// manifest is what a worker plays of a graph: its losses, and a pipeline of its own.
type manifest struct {
	Parity struct {
		Losses []float64 `json:"losses"`
	} `json:"parity"`
	Pipeline *struct {
		Losses  []float64 `json:"losses"`
		Batches struct {
			Steps    int `json:"steps"`
			Examples int `json:"examples"`
		} `json:"batches"`
	} `json:"pipeline"`
}

// manifest reads that of the job's graph; what cannot be read plays nothing.
func (w *worker) manifest() manifest {
	var m manifest
	text, err := os.ReadFile(filepath.Join(w.job.Graph, "graph.json"))
	if err == nil {
		_ = json.Unmarshal(text, &m)
	}
	return m
}
