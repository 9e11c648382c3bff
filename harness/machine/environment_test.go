package machine

import (
	"maps"
	"testing"
)

func TestSteering(t *testing.T) {
	got := Steering([]string{
		"PATH=/bin", "TF_ENABLE_ONEDNN_OPTS=0", "XLA_FLAGS=--a=b --c", "TF_CPP_MIN_LOG_LEVEL=1", "TF_CLI_CONFIG_FILE=x",
		"KMP_AFFINITY=", "LD_LIBRARY_PATH=/a:/b", "LD_PRELOAD=/c.so", "MY_TF_X=1", "broken",
	})
	want := map[string]string{
		"TF_ENABLE_ONEDNN_OPTS": "0", "XLA_FLAGS": "--a=b --c", "KMP_AFFINITY": "", "LD_LIBRARY_PATH": "/a:/b", "LD_PRELOAD": "/c.so",
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
