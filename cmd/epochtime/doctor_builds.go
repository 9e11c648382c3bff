package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"epochtime/harness/exporter"
	"epochtime/harness/measure"
	"epochtime/harness/runtimes"
	"epochtime/harness/setting"
)

// python prints the Python that exports models, or what is missing of it.
func (f findings) python(ctx context.Context, named string) {
	f.line("Python", installed(ctx, named))
}

func installed(ctx context.Context, named string) string {
	program, err := exporter.FindPython(named)
	if err != nil {
		return withMend(err)
	}
	p, err := exporter.AskPython(ctx, program)
	switch {
	case err != nil:
		return withMend(err)
	case p.TensorFlow == "":
		return withMend(&exporter.LackError{Python: program, Package: "tensorflow"})
	case p.Keras == "":
		return withMend(&exporter.LackError{Python: program, Package: "keras"})
	}
	return fmt.Sprintf("%s of %s, TensorFlow %s, Keras %s", p.Version, program, p.TensorFlow, p.Keras)
}

// withMend returns the text of an error, with the command that mends it.
func withMend(err error) string { return err.Error() + hint(err) }

// workers prints what each named worker sees, or what is broken.
func (f findings) workers(ctx context.Context) {
	list, err := runtimes.List()
	if err != nil {
		f.line("workers", err.Error())
	}
	for _, n := range list {
		text, err := sees(ctx, n)
		var broken *runtimes.BrokenError
		switch {
		case errors.As(err, &broken):
			text = broken.Part + " is gone" + hint(err)
		case err != nil:
			text = withMend(err)
		}
		f.line("worker "+n.Name, text)
	}
}

// sees returns what a named worker sees.
func sees(ctx context.Context, n runtimes.Named) (string, error) {
	if err := n.Check(); err != nil {
		return "", err
	}
	p, err := exporter.AskPython(ctx, n.Python())
	switch {
	case err != nil:
		return "", brokenWorker{err, n}
	case p.TensorFlow == "":
		return "", &exporter.LackError{Python: n.Python(), Package: "tensorflow"}
	}
	c := setting.Defaults()
	c.Worker = []string{n.Name}
	w, err := measure.Workers(c)
	if err != nil {
		return "", err
	}
	out, err := measure.CheckWorker(ctx, w, c)
	if err != nil {
		return "", brokenWorker{err, n}
	}
	keras := "Keras " + p.Keras
	if p.Keras == "" {
		keras = withMend(&exporter.LackError{Python: n.Python(), Package: "keras"})
	}
	parts := []string{"TensorFlow " + out.Hello.TensorFlow}
	for _, d := range out.Hello.Devices {
		parts = append(parts, d.Name)
	}
	return strings.Join(append(parts, keras), ", "), nil
}

// brokenWorker is an error of a named worker that is to be made anew.
type brokenWorker struct {
	error
	worker runtimes.Named
}

func (b brokenWorker) Unwrap() error { return b.error }

// Error returns the first line: the others are what the worker wrote to stderr.
func (b brokenWorker) Error() string {
	first, _, _ := strings.Cut(b.error.Error(), "\n")
	return strings.TrimSuffix(first, ":")
}

// mend returns the command that makes the worker anew.
func (b brokenWorker) mend() string {
	return fmt.Sprintf("'%s' makes it anew", makeNamed(b.worker.MadeFor(), b.worker.Name))
}
