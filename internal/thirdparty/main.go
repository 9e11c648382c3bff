// Command thirdparty writes THIRD_PARTY.md: what is linked into the two programs, and
// what the exporter runs on, each with its version and licence.
//
//	go run ./internal/thirdparty REPORT.json…     writes the page; setup/third-party makes the reports
//	go run ./internal/thirdparty -check           compares the page with go.mod and the lock files
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

const page = "THIRD_PARTY.md"

var (
	programs  = []string{"./cmd/epochtime", "./cmd/epochtime-worker"}
	lockFiles = []string{"pygen/requirements/cpu.txt", "pygen/requirements/gpu.txt"}
)

func main() {
	check := flag.Bool("check", false, "compare the page with what ships, and write nothing")
	flag.Parse()
	run := write
	if *check {
		run = compare
	}
	if err := run(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "thirdparty:", err)
		os.Exit(1)
	}
}

// write makes the page anew.
func write(reports []string) error {
	modules, packages, err := shipped()
	if err != nil {
		return err
	}
	if err := addLicences(modules); err != nil {
		return err
	}
	if err := addMetadata(packages, reports); err != nil {
		return err
	}
	return os.WriteFile(page, []byte(render(modules, packages)), 0o644)
}

// compare returns an error that names what the page lacks and what it has too much.
func compare([]string) error {
	modules, packages, err := shipped()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	if err := differences(string(text), append(modules, packages...)); err != nil {
		return fmt.Errorf("%s is not what ships: run make third-party\n%w", page, err)
	}
	return nil
}

// shipped lists the Go modules and the Python packages, without licences.
func shipped() (modules, packages []component, err error) {
	modules, err1 := linked(programs)
	packages, err2 := locked(lockFiles)
	return modules, packages, errors.Join(err1, err2)
}
