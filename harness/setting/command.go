package setting

import (
	"slices"

	"epochtime/harness/record"
)

// Words returns the words of a command line that change base into c, such as
// --batch=64. There is one for each setting in which they differ, and one for each
// value of a list that base lacks.
func Words(base, c record.Config) []string {
	base = fedAlike(base, c)
	var out []string
	for _, s := range table {
		now, before := s.values(c), s.values(base)
		switch {
		case slices.Equal(now, before):
		case s.Repeat:
			for _, v := range now {
				if !slices.Contains(before, v) {
					out = append(out, "--"+s.Name+"="+v)
				}
			}
		case s.Switch() && len(now) > 0:
			out = append(out, "--"+s.Name)
		case s.Shown(c) != "": // the others set it, as a time to train for unsets the epochs
			out = append(out, "--"+s.Name+"="+s.Shown(c))
		}
	}
	return out
}

// Assignments returns the settings in which c differs from base as an ab takes them,
// such as batch=64 or env.TF_ENABLE_ONEDNN_OPTS=0.
func Assignments(base, c record.Config) []string {
	var out []string
	for _, s := range Differing(fedAlike(base, c), c) {
		if shown := s.Shown(c); shown != "" {
			out = append(out, s.Name+"="+shown)
		}
	}
	return out
}

// fedAlike returns base with c's settings of feeding in batches if c has resident
// data, or a runtime that feeds itself, which need none.
func fedAlike(base, c record.Config) record.Config {
	if c.Resident() || !c.OfGraph() {
		base.Prefetch, base.FeedThreads = c.Prefetch, c.FeedThreads
	}
	return base
}
