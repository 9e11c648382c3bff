package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/spf13/pflag"

	"epochtime/harness/compare"
	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
	"epochtime/harness/store"
	"epochtime/internal/interrupt"
)

// noiseFlags are the flags of 'epochtime doctor --noise'.
type noiseFlags struct {
	history  historyFlags
	launches int
}

func (f *noiseFlags) add(flags *pflag.FlagSet) {
	f.history.add(flags)
	flags.IntVar(&f.launches, "launches", 10, "`N` processes per side, with --noise")
}

// check reports wrong values of the doctor's flags.
func (f *noiseFlags) check(flags *measureFlags) error {
	if f.launches < 2 {
		return usagef("--launches %d: it takes at least 2 per side", f.launches)
	}
	if err := checkMaxTime(flags.maxTime); err != nil {
		return err
	}
	return measure.Check(flags.config)
}

// noise measures a graph against itself in interleaved launches, keeps the noise of
// the machine in the history, and shows it.
func (f *noiseFlags) noise(ctx context.Context, s streams, flags *measureFlags, name string) error {
	flags.history, flags.launches = f.history, f.launches
	flags.config.Batch = setting.OfGraph // the other findings take all of the batch
	o, err := flags.options(s)
	defer func() { flags.saver.close() }()
	if err != nil {
		return err
	}
	found, err := flags.findGraph(ctx, s, name)
	if err != nil {
		return err
	}
	side, err := measure.Configure(flags.configuration(found, name))
	if err != nil {
		return err
	}
	session, err := measure.NewAB(side, side, o)
	if err != nil {
		return err
	}
	interrupt.Hold(ctx)
	unlock, err := flags.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := flags.carryOut(ctx, s, session); err != nil {
		return err
	}
	if err := session.CheckResults(0, 1); err != nil {
		return err
	}
	a, b := &session.Record().Runs[0], &session.Record().Runs[1]
	now := compare.Noise{}
	now.Epochs, now.Launches = stats.Noise(a, b)
	known := f.remember(s, session.Record(), now)
	findings{s.out, widthOf(s.out)}.noise(session.Record(), now, known, compare.Sides(a, b, compare.Options{}))
	return nil
}

// remember keeps the noise in the history and returns all noise of this machine that
// the history has. It returns nil without a history.
func (f *noiseFlags) remember(s streams, rec *record.Record, now compare.Noise) *compare.Noise {
	db, err := f.history.open()
	if db == nil && err == nil || len(rec.Machines) == 0 {
		return nil
	}
	var known *compare.Noise
	if err == nil {
		defer db.Close()
		for kind, value := range map[string]float64{store.NoiseEpochs: now.Epochs, store.NoiseLaunches: now.Launches} {
			if !math.IsNaN(value) {
				err = errors.Join(err, db.SaveNoise(rec.Machines[0], kind, value))
			}
		}
		var unread error
		known, unread = db.Noise(rec.Machines[0])
		err = errors.Join(err, unread)
	}
	if err != nil {
		fmt.Fprintln(s.err, "warning: the noise is not kept:", err)
	}
	return known
}

// noise prints how much the machine varies when nothing changes.
func (f findings) noise(rec *record.Record, now compare.Noise, known *compare.Noise, pair compare.Pair) {
	run := rec.Runs[0]
	f.line("noise", fmt.Sprintf("%s against itself, %d interleaved launches per side", run.Title(), len(run.Launches)))
	f.line("epochs", spread(now.Epochs, "epochs", "within a launch"))
	f.line("launches", spread(now.Launches, "launches", "between launches"))
	f.line("A against A", report.Change(pair.Ratio.Median)+" without any difference")
	var sessions []float64
	if known != nil {
		sessions = known.Sessions
	}
	f.line("sessions", sessionsText(sessions))
	if half := stats.Resolvable(now.Launches, 10); half >= 0.0005 {
		fmt.Fprintf(f, "\nIn one session, 10 launches per side show a difference of about %.1f %%.\n", 100*half)
	}
}

func spread(deviation float64, things, where string) string {
	if math.IsNaN(deviation) {
		return "not known: it takes two or more " + things
	}
	return fmt.Sprintf("%.1f %% standard deviation %s", 100*deviation, where)
}

// sessionsText returns by how much sessions differ, and how many there are.
func sessionsText(logs []float64) string {
	widest := 0.0
	if len(logs) > 0 {
		widest = math.Expm1(max(slices.Max(logs), -slices.Min(logs)))
	}
	text := fmt.Sprintf("%d pairs, an hour or more apart", len(logs))
	if len(logs) > 0 {
		text += fmt.Sprintf(", which differ by at most %.1f %%", 100*widest)
	}
	if len(logs) < stats.MinSessions {
		text += fmt.Sprintf("; 'epochtime compare' of two sessions needs %d: run this again in an hour or more", stats.MinSessions)
	}
	return text
}
