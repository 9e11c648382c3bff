package measure

import (
	"epochtime/harness/graph"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/roofline"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

// probed is the name of what a probe launches in place of a graph.
const probed = "probe"

// NewProbe returns a session that finds what the machine can do at most, with the
// worker, device, threads and environment of c. Its record has Limits.
func NewProbe(c record.Config, o Options) (*Session, error) {
	c = probeConfig(c)
	with := Configuration{
		Graph: &graph.Manifest{Name: probed}, Config: c, Command: append([]string{"probe"}, setting.Words(probeConfig(setting.Defaults()), c)...),
	}
	s, err := newSession(record.KindProbe, []Configuration{with}, o)
	if err != nil {
		return nil, err
	}
	s.rec.Runs[0].Graph = record.Graph{Name: probed} // it has no folder
	return s, s.begin()
}

// probeConfig returns c without what a graph alone has.
func probeConfig(c record.Config) record.Config {
	c = withoutZeros(unscripted(c))
	c.Batch, c.Samples, c.Epochs, c.Warmup, c.Prefetch, c.FeedThreads = 0, 0, 0, 0, 0, 1
	return c
}

// job returns the job of a launch of a run.
func (s *Session) job(run int) protocol.Job {
	with := s.configs[run]
	if s.kind() == record.KindProbe {
		return protocol.Job{Kind: protocol.Probe, Config: s.rec.Runs[run].Config}
	}
	return protocol.Job{
		Kind: protocol.Train, Graph: absolute(with.Graph.Dir), SHA256: with.Graph.SHA256,
		Config: s.rec.Runs[run].Config, SaveWeights: with.weights,
	}
}

// limit computes the limits of a probe's record. In any other it looks for those of each
// machine that it has launches of, and how near each run is to them.
func (s *Session) limit() {
	if s.kind() == record.KindProbe {
		s.rec.Limits = stats.Limits(s.rec)
		return
	}
	for _, run := range s.rec.Runs {
		for _, l := range run.Launches {
			s.lookUp(l)
		}
	}
	for i := range s.rec.Runs {
		s.rec.Runs[i].Roofline = roofline.Of(s.rec, i)
	}
}

// lookUp adds the limits of the machine of a launch, once.
func (s *Session) lookUp(l record.Launch) {
	of := record.Limits{Machine: l.Machine, TensorFlow: l.TensorFlow, Device: l.Resolved.Device, Threads: l.Resolved.IntraOp}
	if l.Status != record.OK || s.o.Limits == nil || s.lookedUp[of.Key()] || l.Machine >= len(s.rec.Machines) {
		return
	}
	if s.lookedUp == nil {
		s.lookedUp = map[string]bool{}
	}
	s.lookedUp[of.Key()] = true
	for _, known := range s.rec.Limits {
		if known.SameAs(of) { // the record had it before the session was resumed
			return
		}
	}
	if found := s.o.Limits(s.rec.Machines[l.Machine], of); found != nil {
		found.Machine = l.Machine
		s.rec.Limits = append(s.rec.Limits, *found)
	}
}
