package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A meter measures one stretch of work of this process.
type meter struct {
	wall time.Time
	cpu  time.Duration
}

func start() meter {
	// Linux: forget the highest memory so far (proc(5), clear_refs).
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200)
	return meter{wall: time.Now(), cpu: cpuTime(syscall.RUSAGE_SELF)}
}

// A reading is what a stretch of work cost.
type reading struct {
	wall, cpu time.Duration
	peakMB    int64
}

func (m meter) stop() reading {
	return reading{wall: time.Since(m.wall), cpu: cpuTime(syscall.RUSAGE_SELF) - m.cpu, peakMB: peak()}
}

func (r reading) String() string {
	return fmt.Sprintf("%.2f s of CPU, %d MB at most", r.cpu.Seconds(), r.peakMB)
}

// thisThread asks for the time of the thread that asks (getrusage(2), Linux).
const thisThread = 1

func cpuTime(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the highest resident memory in MB since the meter started.
func peak() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb / 1024
		}
	}
	return 0
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
