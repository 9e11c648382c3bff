package record

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
)

// statuses that a launch may have.
var statuses = []string{OK, Error, OOM, Killed, Timeout, Nonfinite, Interrupted}

// kinds of measurement.
var kinds = []string{KindRun, KindAB, KindSweep, KindTune, KindExplain, KindEstimate, KindProbe, KindLargest, KindFactors, KindFleet}

var idPattern = regexp.MustCompile(`^[0-9a-zA-Z_-]{1,64}$`)

// IsID reports whether text can be the id of a record, or the beginning of one.
func IsID(text string) bool { return idPattern.MatchString(text) }

// Validate returns an error for a record that no measurement can have written:
// another schema, no id, times that are negative or not finite, negative counts,
// launches on machines that the record lacks. The error names the place. Read
// calls it.
func (r *Record) Validate() error {
	if r == nil {
		return errors.New("there is no record")
	}
	if r.Schema != Schema {
		return fmt.Errorf("schema: it is %d, this program knows %d", r.Schema, Schema)
	}
	switch {
	case r.ID == "":
		return errors.New("id: it is empty: a record has the id of its session")
	case !IsID(r.ID):
		return fmt.Errorf("id: %.80q is none: an id is at most 64 letters, digits and _ -", r.ID)
	case r.Status != Complete && r.Status != Incomplete:
		return fmt.Errorf("status: %q is neither %q nor %q", r.Status, Complete, Incomplete)
	case !slices.Contains(kinds, r.Plan.Kind):
		return fmt.Errorf("plan.kind: %q is not one of %q: read it with the epochtime that wrote it", r.Plan.Kind, kinds)
	}
	if r.Plan.Most < 0 {
		return fmt.Errorf("plan.most: it is %d", r.Plan.Most)
	}
	if err := times("plan", r.Plan.MaxTime, r.Plan.Until, r.Plan.Threshold); err != nil {
		return err
	}
	if err := r.validateLists(); err != nil {
		return err
	}
	if err := powers(r.Idle, len(r.Machines)); err != nil {
		return fmt.Errorf("idle: %w", err)
	}
	if s := r.Spent; s != nil {
		if err := times("spent", s.Wall, s.Graphs, s.Parity, s.Between, s.Idle, s.Extra, s.Saving); err != nil {
			return err
		}
	}
	if err := r.Estimate.validate(len(r.Runs)); err != nil {
		return fmt.Errorf("estimate: %w", err)
	}
	if r.Plan.Kind == KindEstimate && r.Estimate == nil {
		return errors.New("estimate: it is missing: the record does not say what was asked")
	}
	return nil
}

// validateLists validates each run, machine, bill, and limits of a machine.
func (r *Record) validateLists() error {
	for i := range r.Runs {
		err := r.Runs[i].validate(len(r.Machines), len(r.Limits))
		if err == nil && r.Plan.Kind == KindFleet && r.Runs[i].On == "" {
			err = errors.New("on: it is empty: a run of a fleet names its machine")
		}
		if err != nil {
			return fmt.Errorf("runs[%d] (%.40q).%w", i, r.Runs[i].Graph.Name, err)
		}
	}
	for i := range r.Machines {
		if err := r.Machines[i].validate(); err != nil {
			return fmt.Errorf("machines[%d]: %w", i, err)
		}
	}
	for i := range r.Limits {
		if err := r.Limits[i].validate(len(r.Machines)); err != nil {
			return fmt.Errorf("limits[%d]: %w", i, err)
		}
	}
	for i := range r.Bills {
		if err := r.Bills[i].validate(); err != nil {
			return fmt.Errorf("bills[%d] (%.40q): %w", i, r.Bills[i].Graph, err)
		}
	}
	return nil
}

func (r *Run) validate(machines, limits int) error {
	c := r.Config
	switch {
	case r.Graph.Name == "":
		return fmt.Errorf("graph.name: it is empty")
	case !slices.Contains([]string{"A", "B", ""}, r.Side):
		return fmt.Errorf("side: %.40q is neither A nor B", r.Side)
	case c.Feed != FeedBatches && c.Feed != FeedResident:
		return fmt.Errorf("config.feed: %.40q is neither %q nor %q", c.Feed, FeedBatches, FeedResident)
	case min(c.Batch, c.Samples, c.Epochs, c.Warmup, c.PadTo, c.Prefetch, c.FeedThreads, c.IntraOp, c.InterOp, c.Take, c.Window) < 0:
		return fmt.Errorf("config: a count is negative")
	}
	if s := r.Settings; s != nil && s.Name != SettingsDefault && s.Name != SettingsBest {
		return fmt.Errorf("settings.name: %.40q is neither %q nor %q", s.Name, SettingsDefault, SettingsBest)
	}
	if s := r.Graph.Script; s != nil && min(s.Line, s.Phase, s.Phases) < 0 {
		return fmt.Errorf("graph.script: a number is negative")
	}
	if err := r.Config.validate(); err != nil {
		return fmt.Errorf("config.%w", err)
	}
	for i := range r.Launches {
		if err := r.Launches[i].validate(machines); err != nil {
			return fmt.Errorf("launches[%d].%w", i, err)
		}
	}
	if err := r.Roofline.validate(limits); err != nil {
		return fmt.Errorf("roofline: %w", err)
	}
	return r.Summary.validate()
}

// pipelines, parts and compiling are what settings and a launch may name.
var (
	pipelines = []string{"", PipelineScript, PipelineMemory}
	parts     = []string{"", PartScript, PartNone}
	compiling = []string{"", CompileOn, CompileOff}
)

func (c *Config) validate() error {
	switch {
	case !slices.Contains(pipelines, c.Pipeline):
		return fmt.Errorf("pipeline: %.40q is not one of %q", c.Pipeline, pipelines)
	case !slices.Contains(compiling, c.Compile):
		return fmt.Errorf("compile: %.40q is not one of %q", c.Compile, compiling)
	case c.Runtime != "" && !slices.Contains(Runtimes(), c.Runtime):
		return fmt.Errorf("runtime: %.40q is not one of %q", c.Runtime, Runtimes())
	case c.For < 0 || !finite(c.For):
		return fmt.Errorf("for: %g s is not a time", c.For)
	case c.PerCall < 0:
		return fmt.Errorf("steps_per_execution: it is %d", c.PerCall)
	}
	for name, value := range map[string]string{"validation": c.Validation, "callbacks": c.Callbacks, "metrics": c.Metrics, "step": c.Step} {
		if !slices.Contains(parts, value) && (name != "step" || value != StepStamped) {
			return fmt.Errorf("%s: %.40q is not one of %q", name, value, parts)
		}
	}
	return nil
}

func (l *Launch) validate(machines int) error {
	switch {
	case !slices.Contains(statuses, l.Status):
		return fmt.Errorf("status: %.40q is not one of %q", l.Status, statuses)
	case l.Machine < 0 || l.Machine > 0 && l.Machine >= machines: // 0 also where no worker said hello
		return fmt.Errorf("machine: %d, and the record holds %d", l.Machine, machines)
	case !slices.Contains(pipelines, l.Resolved.Pipeline):
		return fmt.Errorf("resolved.pipeline: %.40q is not one of %q", l.Resolved.Pipeline, pipelines)
	case l.EpochsDone < 0:
		return fmt.Errorf("epochs_done: it is %d", l.EpochsDone)
	case l.Order < 0 || l.Block < 0:
		return fmt.Errorf("order and block: %d and %d, which count from 0", l.Order, l.Block)
	}
	if err := times("wall_s, limit_s, around_s, probing_s, saving_s and ending_s", l.Wall, l.Limit, l.Around, l.Probing, l.Saving, l.Ending); err != nil {
		return err
	}
	if err := times("cold", l.Cold.Start, l.Cold.Data, l.Cold.Load, l.Cold.FirstStep, l.Cold.Compile, l.Cold.Upload, l.Cold.First, l.Cold.Reset, l.Cold.Transfer, float64(l.Cold.Sent)); err != nil {
		return err
	}
	for i := range l.Epochs {
		if err := l.Epochs[i].validate(); err != nil {
			return fmt.Errorf("epochs[%d]: %w", i, err)
		}
	}
	for i := range l.Readings {
		if err := l.Readings[i].validate(); err != nil {
			return fmt.Errorf("readings[%d]: %w", i, err)
		}
	}
	for i, e := range l.Energy {
		if e.Epochs < 0 {
			return fmt.Errorf("energy[%d].epochs: it is %d", i, e.Epochs)
		}
		if err := amounts(e.Joules, e.Error, e.Seconds); err != nil {
			return fmt.Errorf("energy[%d]: %w", i, err)
		}
	}
	if err := rates(l.Rates); err != nil {
		return err
	}
	for _, c := range []*Conditions{l.Before, l.After} {
		if err := c.validate(); err != nil {
			return fmt.Errorf("before and after: %w", err)
		}
	}
	return times("disturbance", l.Disturbance.Steal)
}

func (e *Epoch) validate() error {
	switch {
	case e.Steps < 0 || e.Samples < 0:
		return fmt.Errorf("%d steps and %d samples are not possible", e.Steps, e.Samples)
	case e.ValidationSteps < 0 || e.ValidationSamples < 0:
		return fmt.Errorf("%d steps and %d samples of validation are not possible", e.ValidationSteps, e.ValidationSamples)
	case !finite(e.Start) || !finite(e.Other): // the rest of a subtraction may be below 0
		return errors.New("a time is not finite")
	}
	return anyTime(e.Seconds, e.Wait, e.Step, e.Callbacks, e.Preprocess, e.Validation)
}

func (s *Summary) validate() error {
	if s == nil {
		return nil
	}
	names := []string{"epoch_seconds", "whole_seconds", "first_epoch_seconds"}
	for k, i := range []*Interval{&s.EpochSeconds, s.WholeSeconds, s.FirstEpochSeconds} {
		if err := i.validate(); err != nil {
			return fmt.Errorf("summary.%s: %w", names[k], err)
		}
	}
	return times("summary", s.MeanEpochSeconds, s.ExamplesPerSecond, s.StepSeconds, s.FirstStepSeconds)
}

func (i *Interval) validate() error {
	switch {
	case i == nil:
		return nil
	case i.Known() && !(float64(i.Low) <= i.Median && i.Median <= float64(i.High)):
		return fmt.Errorf("the median %g is outside its interval, %g to %g", i.Median, i.Low, i.High)
	}
	return anyTime(i.Median)
}

// times returns an error for the first value that is negative or not finite, with
// its place.
func times(at string, seconds ...float64) error {
	if err := anyTime(seconds...); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	return nil
}

func anyTime(seconds ...float64) error { return notNegative("a time", seconds) }

// notNegative returns an error for the first value that is negative or not finite, which
// says what it is not.
func notNegative(what string, values []float64) error {
	for _, v := range values {
		if v < 0 || !finite(v) {
			return fmt.Errorf("%g is not %s: the record was changed or damaged", v, what)
		}
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
