package launch

import (
	"slices"
	"strings"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// units are those of the rates that a probe may send, by their name without a precision.
var units = map[string]string{
	record.RateMatMul: record.FlopPerSecond, record.RateConv: record.FlopPerSecond,
	record.RateMemory: record.BytePerSecond, record.RateToDevice: record.BytePerSecond, record.RateFromDevice: record.BytePerSecond,
	record.RateEmptyStep: record.Second, record.RateEmptyStepCaller: record.Second,
}

// limits checks what a probe found: that each rate is one that is known, and once there,
// and that one without a value says why.
func (w *word) limits(l *protocol.Limits) error {
	var named []string
	for _, r := range l.Rates {
		if err := rate(r); err != nil {
			return err
		}
		if slices.Contains(named, r.Name) {
			return broken("it sent the rate %.40q twice", r.Name)
		}
		named = append(named, r.Name)
	}
	c, r := w.job.Config, l.Resolved
	switch {
	case !slices.ContainsFunc(l.Rates, func(r record.Rate) bool { return r.Value.Median > 0 }):
		return broken("it found no limit")
	case r.Device != c.Device:
		return broken("it probed %.40q where %q was asked for", r.Device, c.Device)
	case r.IntraOp < 1 || c.IntraOp > 0 && r.IntraOp != c.IntraOp:
		return broken("it has %d intra-op threads where %d were asked for", r.IntraOp, c.IntraOp)
	}
	return nil
}

func rate(r record.Rate) error {
	unit, known := units[kindOf(r.Name)]
	switch {
	case !known || r.Unit != unit:
		return broken("it sent a rate %.40q in %.40q, which no probe finds", r.Name, r.Unit)
	case r.Value.Known():
		return broken("it sent an interval of %s, and one launch has none", r.Name)
	case r.Value.Median == 0 && r.Note == "":
		return broken("it sent no %s, and does not say why", r.Name)
	}
	return possible("the probe", figure{r.Name, r.Value.Median})
}

// kindOf returns the name of a rate without the precision of its arithmetic, which it
// has to have; empty where it lacks one, or has another.
func kindOf(name string) string {
	for _, kind := range []string{record.RateMatMul, record.RateConv} {
		precision, ok := strings.CutPrefix(name, kind+"-")
		switch {
		case ok && slices.Contains(record.Precisions(), precision):
			return kind
		case ok || name == kind:
			return ""
		}
	}
	return name
}
