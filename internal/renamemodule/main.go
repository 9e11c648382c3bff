// Command renamemodule gives this module another path, in every file of the
// checkout that names it. setup/rename-module runs it.
package main

import (
	"errors"
	"fmt"
	"os"
)

var errUsage = errors.New("usage: setup/rename-module NEWPATH, as in setup/rename-module example.org/team/epochtime")

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rename-module:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errUsage
	}
	changed, err := rename(".", args[0])
	if err != nil {
		return err
	}
	fmt.Printf("%d files changed; the module is %s\n", changed, args[0])
	return nil
}
