package measure

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
	"epochtime/harness/protocol"
	"epochtime/harness/transfer"
)

// sums keeps the hashes of what was offered to workers elsewhere, so that data is not read
// again for each launch.
var sums = transfer.OfUser().Known

// supplies returns the files that a job reads, for a worker that does not see those of
// this machine.
func supplies(ctx context.Context, job protocol.Job) ([]protocol.Parcel, error) {
	m, err := graph.Open(job.Graph)
	if err != nil {
		return nil, err
	}
	var out []protocol.Parcel
	add := func(path string, as protocol.Parcel) error {
		p, err := transfer.Describe(ctx, path, sums)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		p.Of, p.Name, p.Fixed = as.Of, as.Name, as.Fixed
		if !slices.Contains(out, p) { // it may be named twice
			out = append(out, p)
		}
		return nil
	}
	for _, path := range []string{job.Graph, job.Config.LoadWeights, job.Examples} {
		if path == "" || path == job.Examples && job.Kind == protocol.Examples { // which it writes
			continue
		}
		if err := add(path, protocol.Parcel{}); err != nil {
			return nil, err
		}
	}
	if len(job.Config.Data) == 0 {
		err := addOwn(m, add)
		return out, err
	}
	for _, source := range job.Config.Data {
		name, pattern, _ := dataset.SplitSource(source)
		paths, err := dataset.Expand(pattern)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if err := add(path, protocol.Parcel{Of: source, Name: name}); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// addOwn adds the files outside of a graph's folder that it trains on by itself.
func addOwn(m *graph.Manifest, add func(string, protocol.Parcel) error) error {
	if path := filepath.FromSlash(m.Data.Path); path != "" && !filepath.IsLocal(path) {
		path = m.DataPath()
		if err := add(path, protocol.Parcel{}); err != nil {
			return err
		}
	}
	for _, f := range m.Files() {
		if err := add(f.Path, protocol.Parcel{Fixed: true}); err != nil {
			return err
		}
	}
	return nil
}
