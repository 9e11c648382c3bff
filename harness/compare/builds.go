package compare

import (
	"fmt"

	"epochtime/harness/explain"
	"epochtime/harness/record"
)

// Builds compares the two builds of TensorFlow of a record of the kind KindExplain that
// has two sides, block by block: fit as it is, and the graph alone. The other runs are for
// the bills. The error is ErrNothing.
func Builds(rec *record.Record, o Options) (*Comparison, error) {
	if rec == nil || rec.Plan.Kind != record.KindExplain {
		return nil, fmt.Errorf("%w: the record is of no two builds", ErrNothing)
	}
	c := &Comparison{SameSession: true}
	var matched []match
	for i := range rec.Runs {
		for k := range rec.Runs {
			base, new := &rec.Runs[i], &rec.Runs[k]
			if base.Side != "A" || new.Side != "B" || base.Graph.SHA256 != new.Graph.SHA256 || base.Graph.Name != new.Graph.Name || !whole(rec, base) || !whole(rec, new) || base.Config.Runtime != new.Config.Runtime {
				continue
			}
			matched = append(matched, match{base: base, new: new, title: runtimeTitle(base)})
		}
	}
	if len(matched) == 0 {
		return nil, fmt.Errorf("%w: the record has no two sides", ErrNothing)
	}
	o.asked = rec.Plan.Blocks
	o.Configurations = len(matched)
	c.blocks(matched, o)
	c.GeometricMean = geometricMean(c.Pairs)
	return c, nil
}

// whole reports whether a run is fit as it is, or the graph.
func whole(rec *record.Record, r *record.Run) bool {
	return r.Config.OfGraph() || explain.WholeOf(rec, r) == r
}

func runtimeTitle(r *record.Run) string {
	if r.Config.OfGraph() {
		return r.Graph.Name + ", the graph"
	}
	return r.Graph.Name + ", Keras's fit"
}
