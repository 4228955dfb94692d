package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// conversation is a student and an admin who talk while things happen.
type conversation struct {
	student, desk *talker
	// hush ends the talking, stop the listening too.
	hush, stop context.CancelFunc
	talking    sync.WaitGroup
	listening  sync.WaitGroup
}

// converse begins a conversation in which both say something five times a second.
func converse(ctx context.Context) *conversation {
	GinkgoHelper()

	ctx, stop := context.WithCancel(ctx)
	c := &conversation{student: newTalker(student(), ""), stop: stop}
	DeferCleanup(stop)
	c.listening.Go(func() { c.student.run(ctx) })
	Eventually(func() string { return c.student.state().session }).ShouldNot(BeEmpty())

	c.desk = newTalker(again(admin()), c.student.state().session)
	c.listening.Go(func() { c.desk.run(ctx) })

	talking, hush := context.WithCancel(ctx)
	c.hush = hush
	c.talking.Go(func() { c.chatter(talking) })

	return c
}

func (c *conversation) chatter(ctx context.Context) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()

	for i := 1; ctx.Err() == nil; i++ {
		select {
		case <-ctx.Done():
		case <-tick.C:
			c.student.say(fmt.Sprintf("tanya %d", i))
			c.desk.say(fmt.Sprintf("jawab %d", i))
		}
	}
}

// expectWhole ends the conversation once everything was acknowledged: nothing may be lost, doubled or out of order.
func (c *conversation) expectWhole() {
	GinkgoHelper()
	c.hush()
	c.talking.Wait()

	for _, t := range []*talker{c.student, c.desk} {
		Eventually(func() int { return len(t.state().unsent) }).WithTimeout(time.Minute).Should(BeZero(), "not acknowledged")
	}

	student, desk := c.student.state(), c.desk.state()
	Expect(slices.Concat(student.faults, desk.faults)).To(BeEmpty())

	wanted := maps.Clone(student.acked)
	maps.Copy(wanted, desk.acked)

	all := history(again(c.student.person), student.session)

	stored := map[string]int64{}
	for i, m := range all {
		Expect(m.Seq).To(Equal(int64(i+1)), "numbers without holes")

		stored[m.ClientMsgID] = m.Seq
	}

	Expect(stored).To(Equal(wanted), "every acknowledged message, with the number of its acknowledgement")
	Expect(all).To(HaveLen(len(wanted)), "no message twice")
	Eventually(func() []string { return unheard(student.acked, c.desk) }).Should(BeEmpty(), "what the admin has not heard")
	Eventually(func() []string { return unheard(desk.acked, c.student) }).Should(BeEmpty(), "what the student has not heard")

	measuredf("chat during restarts", "%d messages, none lost; %d and %d connections", len(all), student.connections, desk.connections)
	sayf("  connections ended: %v", slices.Concat(student.endings, desk.endings))
	c.stop()
	c.listening.Wait()
}

// unheard lists the messages that a talker should have heard and has not.
func unheard(said map[string]int64, by *talker) []string {
	heard := by.state().heard
	return slices.DeleteFunc(slices.Collect(maps.Keys(said)), func(id string) bool { return heard[id] == said[id] })
}
