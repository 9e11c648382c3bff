package machine

import (
	"math"
	"testing"
)

func TestGroupRoom(t *testing.T) {
	const v2, v1 = "0::/a/b\n", "12:memory:/x\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  uint64
	}{
		{"nothing", nil, math.MaxUint64},
		{"no limit", map[string]string{
			"proc/self/cgroup": v2, "sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/b/memory.current": "10\n",
		}, math.MaxUint64},
		{"a limit", map[string]string{
			"proc/self/cgroup": v2, "sys/fs/cgroup/a/b/memory.max": "1000\n", "sys/fs/cgroup/a/b/memory.current": "700\n",
		}, 300},
		{"with page cache", map[string]string{
			"proc/self/cgroup": v2, "sys/fs/cgroup/a/b/memory.max": "1000\n", "sys/fs/cgroup/a/b/memory.current": "700\n",
			"sys/fs/cgroup/a/b/memory.stat": "anon 500\nfile 200\ninactive_file 150\n",
		}, 450},
		{"the parent's is tighter", map[string]string{
			"proc/self/cgroup":             v2,
			"sys/fs/cgroup/a/b/memory.max": "1000\n", "sys/fs/cgroup/a/b/memory.current": "100\n",
			"sys/fs/cgroup/a/memory.max": "2000\n", "sys/fs/cgroup/a/memory.current": "1900\n",
		}, 100},
		{"over the limit", map[string]string{
			"proc/self/cgroup": v2, "sys/fs/cgroup/a/b/memory.max": "1000\n", "sys/fs/cgroup/a/b/memory.current": "1100\n",
		}, 0},
		{"version 1", map[string]string{
			"proc/self/cgroup": v1, "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "1000\n",
			"sys/fs/cgroup/memory/x/memory.usage_in_bytes": "400\n", "sys/fs/cgroup/memory/x/memory.stat": "total_inactive_file 100\n",
		}, 700},
		{"version 1 without a limit", map[string]string{
			"proc/self/cgroup": v1, "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "9223372036854771712\n",
			"sys/fs/cgroup/memory/x/memory.usage_in_bytes": "400\n",
		}, math.MaxUint64},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := groupRoom(tree(t, c.files)); got != c.want {
				t.Errorf("%d bytes, want %d", got, c.want)
			}
		})
	}
	if bytes, ok := Available(); !ok || bytes == 0 || bytes == math.MaxUint64 {
		t.Errorf("Available() = %d, %v", bytes, ok)
	}
}
