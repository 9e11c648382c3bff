package stats

import "epochtime/harness/record"

// Largest is what a search for the largest batch has found.
type Largest struct {
	Fits  *record.Run // with the largest batch that trained; nil: none did
	Fails *record.Run // with the smallest larger batch that did not; nil: none was found
	Why   string      // the reason of that launch

	Held, Limit uint64 // bytes that Fits took of what is limited, and may take; 0: not known
	Device      string // of that memory; empty: the host's
}

// BatchResolution is the part of a batch, a sixteenth, within which a search finds the
// largest.
const BatchResolution = 16

// LargestBatch returns what the launches of a search have found.
func LargestBatch(r *record.Record) Largest {
	var out Largest
	for i := range r.Runs {
		run := &r.Runs[i]
		for _, l := range run.Launches {
			switch fits := l.Status == record.OK; {
			case l.Status == record.Interrupted:
			case fits && (out.Fits == nil || run.Config.Batch > out.Fits.Config.Batch):
				out.Fits = run
				out.Held, out.Limit, out.Device = Held(run.Config, l)
			case !fits && (out.Fails == nil || run.Config.Batch < out.Fails.Config.Batch):
				out.Fails, out.Why = run, l.Reason
			}
		}
	}
	return out
}

// Held returns the memory that a launch took of what limits it, and that limit, in
// bytes: of an accelerator, named by device, where the launch tells it, else of the
// host. Files that are mapped are not limited. 0 is not known.
func Held(c record.Config, l record.Launch) (held, limit uint64, device string) {
	for _, d := range l.Memory.Devices {
		if d.Peak == 0 {
			continue
		}
		for _, of := range l.Devices {
			if of.Name == d.Device && of.MemoryBytes > 0 {
				return d.Peak, uint64(of.MemoryBytes), d.Device
			}
		}
	}
	if l.Memory.PeakRSS > l.Memory.Mapped {
		held = l.Memory.PeakRSS - l.Memory.Mapped
	}
	return held, c.MemoryLimit, ""
}
