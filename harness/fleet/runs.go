package fleet

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

// Run is what one session measured of one configuration on one unit.
type Run struct {
	*record.Run           // with the launches on that unit only
	Source      int       // index into Fleet.Sources
	Began       time.Time // its session
	Unit        *Unit
	Role        Role
	model       string // the same for runs of one model, also where another export of it is the fastest
	key         string
}

// timed returns the runs of which the records tell epoch times.
func (f *Fleet) timed() []Run {
	names := f.graphNames()
	var out []Run
	for i, s := range f.Sources {
		for k := range s.Record.Runs {
			r := &s.Record.Runs[k]
			role, ok := roleOf(s.Record, r)
			if !ok {
				continue
			}
			for _, part := range f.split(i, r) {
				part.Role = role
				if role == Best { // also where it is the default
					part.key += "\x00best"
				}
				part.model = modelOf(s.Record, r, names)
				out = append(out, part)
			}
		}
	}
	withDevices(out)
	withSides(out)
	return out
}

// graphNames returns the name of each graph that was measured, by its hash.
func (f *Fleet) graphNames() map[string]string {
	out := map[string]string{}
	for _, s := range f.Sources {
		for _, r := range s.Record.Runs {
			if out[r.Graph.SHA256] == "" {
				out[r.Graph.SHA256] = r.Graph.Name
			}
		}
	}
	return out
}

// modelOf is the same for runs of one model: the graph, and of what a search found that of
// the default, because the winner may be another export of it. The names are those of
// graphs by their hashes.
func modelOf(rec *record.Record, r *record.Run, names map[string]string) string {
	if rec.Plan.Kind == record.KindTune && r.Side != "" {
		if i := slices.IndexFunc(rec.Runs, func(o record.Run) bool { return o.Side == "A" }); i >= 0 {
			r = &rec.Runs[i]
		}
	}
	asked := record.Run{Graph: r.Graph, Config: r.Config}
	if s := r.Settings; s != nil && names[s.Graph] != "" {
		asked.Graph.Name, asked.Graph.SHA256 = names[s.Graph], s.Graph
	}
	return asked.Title() + "\x00" + asked.Graph.SHA256
}

// split returns a run for each unit that its launches ran on.
func (f *Fleet) split(source int, r *record.Run) []Run {
	var out []Run
	for _, l := range r.Launches {
		u := f.unitOf(source, l.Machine)
		if u == nil { // no worker said where it was
			continue
		}
		at := slices.IndexFunc(out, func(o Run) bool { return o.Unit == u })
		if at < 0 {
			at = len(out)
			part := *r
			part.Launches = nil
			out = append(out, Run{Run: &part, Source: source, Began: f.Sources[source].Record.Started, Unit: u, key: configuration(r)})
		}
		out[at].Launches = append(out[at].Launches, l)
	}
	for _, o := range out {
		if len(out) > 1 || o.Summary == nil {
			o.Summary, _ = stats.Summarize(o.Run)
		}
	}
	return out
}

// configuration is the same for runs of one graph whose settings can be compared. Where
// they ran is what is compared here, so their devices may differ.
func configuration(r *record.Run) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\x00%s", r.Graph.Name, r.Graph.SHA256)
	for _, s := range setting.Of(r.Config) {
		if !s.Comparable && s.Name != "device" {
			fmt.Fprintf(&b, "\x00%s=%s", s.Name, s.Text(r.Config))
		}
	}
	return b.String()
}

// withDevices tells runs apart by their device where a unit has them on several.
func withDevices(runs []Run) {
	devices := map[string][]string{}
	several := map[string]bool{}
	for _, r := range runs {
		at := r.Unit.Name + "\x00" + r.key
		if !slices.Contains(devices[at], r.Config.Device) {
			devices[at] = append(devices[at], r.Config.Device)
		}
		several[r.key] = several[r.key] || len(devices[at]) > 1
	}
	for i, r := range runs {
		if several[r.key] {
			runs[i].key += "\x00device=" + r.Config.Device
		}
	}
}

// withSides tells the sides of a comparison apart that differ in nothing else, such as
// builds of TensorFlow.
func withSides(runs []Run) {
	for i, r := range runs {
		twin := func(o Run) bool { return o.Source == r.Source && o.Unit == r.Unit && o.key == r.key }
		if r.Side == "B" && slices.ContainsFunc(runs[:i], twin) {
			runs[i].key += "\x00side B"
		}
	}
}

// sameGraphs returns an ErrDifferent for the first two runs whose graphs have one name
// and differ.
func (f *Fleet) sameGraphs(runs []Run, allowed bool) error {
	first := map[string]Run{}
	for _, r := range runs {
		o, known := first[r.Graph.Name]
		switch {
		case r.Role != Asked: // it may be another export
		case !known:
			first[r.Graph.Name] = r
		case !allowed && o.Graph.SHA256 != r.Graph.SHA256:
			return fmt.Errorf("%w: %s is %.12s in %s and %.12s in %s, so their times cannot be ranked: measure the same exported folder on both machines",
				ErrDifferent, r.Graph.Name, o.Graph.SHA256, f.Sources[o.Source].Name, r.Graph.SHA256, f.Sources[r.Source].Name)
		}
	}
	return nil
}
