// Package slowed makes a real worker take longer by a known share, to try what
// comparisons find. By hand:
//
//	cc -shared -fPIC -O2 -o slowed.so internal/slowed/interpose/slowed.c -ldl
//	epochtime ab cnn --batch 32 --b env.LD_PRELOAD=$PWD/slowed.so --b env.SLOWED_SHARE=0.1
package slowed

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

//go:embed interpose/slowed.c
var source string

// Build compiles, with cc, the library that slows a worker, into a folder, and
// returns its path.
func Build(dir string) (string, error) {
	path := filepath.Join(dir, "slowed.so")
	c := exec.Command("cc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-x", "c", "-", "-o", path, "-ldl")
	c.Stdin = strings.NewReader(source)
	if said, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("compiling %s: %w\n%s", path, err, said)
	}
	return filepath.Abs(path)
}

// Env returns the environment in which a worker does more steps by a share: 0.1 is
// 10 %. Epochs should have many steps, because some are done twice. What an epoch
// does between its steps stays as it is, and so do the examples that it counts.
func Env(library string, share float64) map[string]string {
	return map[string]string{"LD_PRELOAD": library, "SLOWED_SHARE": strconv.FormatFloat(share, 'g', -1, 64)}
}

// Strings returns an environment as KEY=VALUE, after that of this process.
func Strings(env map[string]string) []string {
	out := os.Environ()
	for key, value := range env {
		out = append(out, key+"="+value)
	}
	return out
}
