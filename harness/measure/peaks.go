package measure

import (
	"context"
	"fmt"
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// findPeaks traces a step of runs on an accelerator, in launches that are not timed: only
// a trace tells what its memory held at most. Where that fails, the peak is not known.
func (s *Session) findPeaks(ctx context.Context) error {
	found := false
	for i, run := range s.rec.Runs {
		if !s.wantsPeak(i) {
			continue
		}
		_, err := s.trace(ctx, i)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			s.o.Watcher.Notice(Warning, fmt.Sprintf("%s: the peak of memory on %s is not known: %v", s.Title(i), run.Config.Device, err))
		}
		found = true
	}
	if !found {
		return nil
	}
	return s.save()
}

// wantsPeak reports whether the peak of a run is worth a launch: of a search for the
// largest batch only that of its result.
func (s *Session) wantsPeak(run int) bool {
	r := &s.rec.Runs[run]
	if r.Summary == nil || !r.Config.OfGraph() || r.Config.Device == "cpu" {
		return false
	}
	switch s.kind() {
	case record.KindRun, record.KindAB:
		return true
	case record.KindLargest:
		return stats.LargestBatch(s.rec).Fits == r
	}
	return false
}

// keepPeaks adds the peaks of devices, which a traced launch has found, to the launches
// of its run that worked.
func (s *Session) keepPeaks(run int, found []record.DeviceMemory) {
	for i := range s.rec.Runs[run].Launches {
		l := &s.rec.Runs[run].Launches[i]
		if l.Status != record.OK {
			continue
		}
		l.Memory.Devices = slices.Clone(l.Memory.Devices) // a fleet may save the ones before
		for _, f := range found {
			at := slices.IndexFunc(l.Memory.Devices, func(d record.DeviceMemory) bool { return d.Device == f.Device })
			if at < 0 {
				l.Memory.Devices = append(l.Memory.Devices, f)
				continue
			}
			l.Memory.Devices[at].Peak = f.Peak
		}
	}
}
