package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"epochtime/harness/compare"
	"epochtime/harness/exporter"
	"epochtime/harness/graph"
	"epochtime/harness/machine"
	"epochtime/harness/measure"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/setting"
	"epochtime/internal/harmless"
	"epochtime/internal/interrupt"
)

// measureFlags are the flags of every verb that measures.
type measureFlags struct {
	graphs     graphFlags
	models     modelFlags
	cache      *exporter.Cache // of exported models
	config     record.Config
	launches   int
	maxTime    time.Duration
	until      percentFlag
	threshold  percentFlag
	weights    string // folder for trained weights
	labels     []string
	name       string // of the machine
	json       string
	history    historyFlags
	price      priceFlags
	resume     string
	force      bool
	recheck    bool
	concurrent bool
	unsampled  bool
	given      []string                   // settings that the side of an ab sets
	settings   []string                   // which known settings are measured; empty: nobody asked
	asked      map[string]*protocol.Hello // what workers say of themselves, by their commands

	own      *pflag.FlagSet  // the flags as they were added
	sides    func() []string // graphs that an ab's sides name; nil: none
	saver    *saver          // of the record
	launched int             // launches that the record had before
}

func newMeasureFlags(launches int) measureFlags {
	return measureFlags{config: setting.Defaults(), launches: launches, threshold: compare.DefaultThreshold, cache: new(exporter.Cache)}
}

// add adds the flags, without those of the settings that are left out.
func (f *measureFlags) add(flags *pflag.FlagSet, leftOut ...setting.Setting) {
	f.own = flags
	flags.SortFlags = false
	f.graphs.add(flags)
	flags.IntVar(&f.launches, "launches", f.launches, "`N` processes per configuration; an interval takes six or more")
	addSettings(flags, &f.config, slices.DeleteFunc(setting.All(), func(s setting.Setting) bool {
		return slices.ContainsFunc(leftOut, func(l setting.Setting) bool { return l.Name == s.Name })
	}))
	f.addRecord(flags)
	flags.BoolVar(&f.recheck, "verify-parity", false, "compare with Keras even if that was done before")
	f.models.add(flags)
}

// addRecord adds the flags that say where the record goes, and what else may run.
func (f *measureFlags) addRecord(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.labels, "label", nil, "`KEY=VALUE` label to keep in the record (repeatable)")
	flags.StringVar(&f.name, "machine-name", "", "`NAME` name of this machine in reports (default: its host name)")
	flags.StringVar(&f.json, "json", "", "write the record to `FILE`; - is stdout")
	flags.BoolVar(&f.force, "force", false, "let --json replace a file that holds an interrupted record, or no record")
	f.price.add(flags)
	f.history.add(flags)
	flags.StringVar(&f.resume, "resume", "", "continue the interrupted record in `FILE`, with its settings")
	flags.BoolVar(&f.concurrent, "allow-concurrent", false, "measure even while another measurement runs on this machine")
	flags.BoolVar(&f.unsampled, "no-sampling", false, "do not read this machine's clock, temperature, memory and energy while a launch runs")
}

// addMaxTime adds the flag that limits the time of measuring.
func (f *measureFlags) addMaxTime(flags *pflag.FlagSet, usage string) {
	flags.DurationVar(&f.maxTime, "max-time", f.maxTime, "`TIME` time limit for all of measuring, with the checks against Keras: a launch under way is ended"+usage)
}

// check reports wrong values, before any file is read.
func (f *measureFlags) check() error {
	if err := checkSettings("--settings", f.settings); err != nil {
		return err
	}
	if f.launches < 1 {
		return usagef("--launches %d: it takes at least 1", f.launches)
	}
	if err := checkMaxTime(f.maxTime); err != nil {
		return err
	}
	if f.models.script.fit < 0 || f.models.script.fit == 0 && f.own.Changed(fitKey) {
		return usagef("--fit %d: a script's phases count from 1", f.models.script.fit)
	}
	if err := measure.CheckMachineName(f.name); err != nil {
		return usagef("--machine-name: %w", err)
	}
	return measure.Check(f.config)
}

// checkMaxTime reports a wrong value of --max-time.
func checkMaxTime(limit time.Duration) error {
	if limit < 0 {
		return usagef("--max-time %v is negative", limit)
	}
	return nil
}

// with returns a copy of the flags with the assignments of an ab's side. It ignores
// graphKey.
func (f *measureFlags) with(side string, list []assignment) (*measureFlags, error) {
	out := *f
	for _, a := range list {
		s, known := setting.Find(a.key)
		var err error
		switch {
		case a.key == graphKey:
		case a.key == settingsKey:
			out.settings = []string{a.value}
			err = checkSettings(settingsKey, out.settings)
		case known:
			out.given = append(slices.Clone(out.given), a.key)
			if err = s.Set(&out.config, a.value); err != nil {
				err = usagef("%s=%s: %w", a.key, a.value, err)
			}
		default: // parseAssignments has checked the key
			out.models, err = out.models.with(a.key, a.value)
		}
		if err != nil {
			return nil, fmt.Errorf("side %s: %w", side, err)
		}
	}
	return &out, nil
}

// configuration returns a graph with the settings of the flags. name is that of the
// graph or model on the command line.
func (f *measureFlags) configuration(g *graph.Manifest, name string) measure.Configuration {
	c := measure.Configuration{Graph: g, Config: f.config, Command: []string{"run", name}}
	if exporter.IsModel(f.graphs.root, name) {
		c.Command = append(c.Command, f.models.words(g)...)
	} else {
		c.Command[1] = f.graphs.name(g)
		c.Command = append(c.Command, f.models.pythonWords()...)
	}
	return c
}

// options returns the options of the session, which shows its progress on stderr. The
// caller closes f.saver, also after an error.
func (f *measureFlags) options(s streams) (measure.Options, error) {
	labels, err := pairs("--label", f.labels)
	if err != nil {
		return measure.Options{}, err
	}
	flag := "--json"
	if f.resume != "" {
		flag = "--resume"
	}
	watcher := newProgress(s.err)
	price, err := f.price.of(watcher)
	if err != nil {
		return measure.Options{}, err
	}
	f.saver, err = newSaver(flag, f.json, s.out)
	if err == nil && f.resume == "" && f.saver.to.IsFile() && !f.force {
		err = checkOverwriting(f.json)
	}
	return measure.Options{
		Launches: f.launches, Seed: f.config.Seed, MaxTime: f.maxTime, Until: float64(f.until), Threshold: float64(f.threshold), Labels: labels, Argv: os.Args,
		MachineName: f.name, Price: price, Began: began, NoSampling: f.unsampled,
		Recheck: f.recheck, SaveWeights: f.weights, Save: f.saver.save, Watcher: watcher, Workers: measure.WorkersOf(f.models.python),
		Limits: f.history.limits(s.err),
	}, err
}

// lock locks the machine; see lockMachine.
func (f *measureFlags) lock() (unlock func(), err error) { return lockMachine(f.concurrent) }

// lockMachine locks the machine. Where concurrent measurements are allowed, it does if it
// can: the next one, which may not allow them, then knows of this one.
func lockMachine(concurrent bool) (unlock func(), err error) {
	if unlock, err = machine.Lock(lockFile()); err != nil && concurrent {
		return func() {}, nil
	}
	return unlock, err
}

// lockFile is machine.LockFile. A test has one of its own.
var lockFile = machine.LockFile

// measurement is a session, or many of them as a fleet.
type measurement interface {
	Measure(context.Context) error
	Record() *record.Record
	Launched() int
	Measured() bool
}

// carryOut measures a session on the locked machine and writes its record as the flags
// say. It returns the stream for tables.
func (f *measureFlags) carryOut(ctx context.Context, s streams, session measurement) (out io.Writer, err error) {
	out = s.out
	if f.json == "-" {
		out = s.err
	}
	f.launched = session.Launched()
	f.saver.saved = f.launched
	err = session.Measure(ctx)
	kept := f.history.keep(s.err, session.Record())
	if f.added(session, err) {
		if unwritten := f.saver.finish(session.Record()); unwritten != nil && ctx.Err() == nil {
			err = unwritten
		}
	}
	f.saver.tellWhere(s.err, session.Record(), kept)
	if errors.Is(err, context.Canceled) && f.saver.to.IsFile() && session.Launched() > 0 {
		err = resumable{err, fmt.Sprintf("'epochtime %s --resume %s' continues", session.Record().Plan.Kind, harmless.Command([]string{f.json}))}
	}
	return out, err
}

// added reports whether the record has more launches than before, or is complete. err
// is that of Measure.
func (f *measureFlags) added(session measurement, err error) bool {
	return err == nil || errors.Is(err, measure.ErrFailed) || session.Launched() > f.launched
}

// worthShowing reports whether there is something in the record to show, and not what
// an earlier session has shown. err is that of Measure.
func (f *measureFlags) worthShowing(session measurement, err error) bool {
	whole := err == nil || errors.Is(err, measure.ErrFailed)
	return whole || session.Measured() && f.added(session, err)
}

// show prints the tables of what was measured. err is that of Measure.
func (f *measureFlags) show(out io.Writer, session measurement, err error) {
	if f.worthShowing(session, err) {
		report.Record(out, session.Record(), report.Options{Width: widthOf(out)})
	}
}

// measuring returns the body of a verb that measures. build returns the session
// that the command line asks for, and carryOut measures and shows it.
func (f *measureFlags) measuring(s streams,
	build func(context.Context, streams, []string, measure.Options) (*measure.Session, error),
	carryOut func(context.Context, streams, *measure.Session) error,
) func(*cobra.Command, []string) error {
	locked := func(ctx context.Context, session *measure.Session) error {
		interrupt.Hold(ctx)
		unlock, err := f.lock()
		if err != nil {
			return err
		}
		defer unlock()
		return carryOut(ctx, s, session)
	}
	return func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		defer func() { f.saver.close() }()
		if f.resume != "" {
			session, err := f.resumed(cmd, args, s)
			if err != nil || session == nil { // nothing is left to do
				return err
			}
			return locked(ctx, session)
		}
		if err := f.check(); err != nil {
			return err
		}
		args, err := f.names(cmd, args)
		if err != nil {
			return err
		}
		o, err := f.options(s)
		if err != nil {
			return err
		}
		session, err := build(ctx, s, args, o)
		if err != nil {
			return err
		}
		return locked(ctx, session)
	}
}

// outputs are the flags that can be used with --resume. The record lacks them.
var outputs = []string{"resume", "db", "allow-concurrent", "no-sampling", "verify-parity", "trace", "save-weights", "markdown", "csv", "plot", "parallel", pythonKey}

// resumed returns the session that --resume continues, or nil if it is complete.
func (f *measureFlags) resumed(cmd *cobra.Command, args []string, s streams) (*measure.Session, error) {
	rec, o, err := f.interrupted(cmd, args, s)
	if err != nil {
		return nil, err
	}
	session, err := measure.Resume(rec, o)
	if err != nil {
		return nil, f.cannotResume(s, rec, err)
	}
	return session, nil
}

// interrupted returns the record that --resume continues, and the options of its session.
func (f *measureFlags) interrupted(cmd *cobra.Command, args []string, s streams) (*record.Record, measure.Options, error) {
	extra := cmp.Or(append(args, "")...)
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains(outputs, flag.Name) {
			extra = "--" + flag.Name
		}
	})
	if extra != "" {
		return nil, measure.Options{}, usagef("--resume takes all settings from the record: leave out %s", extra)
	}
	if _, err := os.Stat(f.resume); err != nil {
		return nil, measure.Options{}, fmt.Errorf("--resume: %w", input(err))
	}
	f.json = f.resume
	o, err := f.options(s) // first, so that nobody else writes to what is read
	if err != nil {
		return nil, o, err
	}
	rec, err := readRecord(f.resume)
	if err != nil {
		return nil, o, fmt.Errorf("--resume: %w", err)
	}
	if len(rec.Runs) == 0 {
		return nil, o, fmt.Errorf("--resume: %s does not say how it was measured: measure again", f.resume)
	}
	if kind := rec.Plan.Kind; kind != cmd.Name() {
		return nil, o, usagef("--resume: %s was measured with 'epochtime %s', not %s: use 'epochtime %s --resume %s'", f.resume, kind, cmd.Name(), kind, f.resume)
	}
	for _, r := range rec.Runs {
		f.cache.Hold(r.Graph.Dir)
	}
	return rec, o, nil
}

// cannotResume returns the error of the verb for a record that is not continued, after it
// has shown one that is complete.
func (f *measureFlags) cannotResume(s streams, rec *record.Record, err error) error {
	if !errors.Is(err, measure.ErrComplete) {
		return input(fmt.Errorf("--resume %s: %w", f.resume, err))
	}
	fmt.Fprintf(s.out, "%s is complete: nothing is left to do.\n\n", harmless.Text(f.resume))
	report.Record(s.out, rec, report.Options{Width: widthOf(s.out)})
	return outcomeOf(rec)
}

// outcomeOf returns the error of the verb that measured a complete record: what was a
// regression then is one now.
func outcomeOf(rec *record.Record) error {
	if rec.Plan.Kind == record.KindFleet && slices.ContainsFunc(rec.Runs, failedOn) {
		return errFailed
	}
	if rec.Plan.Kind != record.KindAB {
		return nil
	}
	p := compare.AB(rec, compare.Options{Threshold: rec.Plan.Threshold})
	if p.Failures != nil {
		return errFailed
	}
	return verdictError(p.Verdict)
}

// failedOn reports whether a launch of a machine of a fleet failed.
func failedOn(r record.Run) bool {
	return slices.ContainsFunc(r.Launches, func(l record.Launch) bool { return l.Status != record.OK && l.Status != record.Interrupted })
}

// readRecord reads a record file.
func readRecord(path string) (*record.Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, input(err)
	}
	defer f.Close()
	rec, err := record.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rec, nil
}
