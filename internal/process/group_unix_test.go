//go:build unix

package process

import (
	"bufio"
	"io"
	"os/exec"
	"testing"
)

// The group is the command and what it started: its pipe ends once all are gone.
func TestGroup(t *testing.T) {
	for name, end := range map[string]func(*exec.Cmd){
		"kill":      Kill,
		"interrupt": func(c *exec.Cmd) { _ = Interrupt(c) },
	} {
		t.Run(name, func(t *testing.T) {
			c := exec.Command("sh", "-c", "sleep 600 & echo started; exec sleep 600")
			if name == "interrupt" { // a shell makes what it starts in the background ignore SIGINT
				c = exec.Command("sh", "-c", "echo started; exec sleep 600")
			}
			OwnGroup(c)
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(out)
			if _, err := r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			end(c)
			if _, err := io.Copy(io.Discard, r); err != nil {
				t.Fatal(err)
			}
			if err := c.Wait(); err == nil {
				t.Error("the command ended as if nobody had stopped it")
			}
			Kill(c) // the group is gone
		})
	}
}
