// Command server is a push service: subscribers wait on their connections, publishers send news.
package main

import (
	"sync"

	tp "github.com/henrylee2cn/teleport/reference"
)

var address = "127.0.0.1:9090"

// topics are the sessions that want to hear of a topic.
var topics = struct {
	sync.Mutex
	sessions map[string]map[tp.Session]bool
}{sessions: map[string]map[tp.Session]bool{}}

// Topic serves the subscribers and the publishers.
type Topic struct{ tp.PullCtx }

// Subscribe serves /topic/subscribe.
func (t *Topic) Subscribe(topic *string) (bool, *tp.Rerror) {
	topics.Lock()
	defer topics.Unlock()
	if topics.sessions[*topic] == nil {
		topics.sessions[*topic] = map[tp.Session]bool{}
	}
	topics.sessions[*topic][t.Session()] = true
	return true, nil
}

// News is one message on a topic.
type News struct{ Topic, Text string }

// Publish serves /topic/publish and answers how many sessions the news went to.
func (t *Topic) Publish(news *News) (int, *tp.Rerror) {
	told := 0
	for _, sess := range subscribers(news.Topic) {
		if sess.Push("/news/item", news) == nil {
			told++
			continue
		}
		topics.Lock()
		delete(topics.sessions[news.Topic], sess) // it has gone
		topics.Unlock()
	}
	return told, nil
}

// subscribers copies the sessions of a topic: nothing is pushed under the lock.
func subscribers(topic string) []tp.Session {
	topics.Lock()
	defer topics.Unlock()
	var list []tp.Session
	for sess := range topics.sessions[topic] {
		list = append(list, sess)
	}
	return list
}

func main() {
	go tp.GraceSignal()
	peer := tp.NewPeer(tp.PeerConfig{ListenAddress: address})
	peer.PullRouter.Reg(new(Topic))
	if err := peer.Listen(); err != nil {
		tp.Fatalf("%v", err)
	}
}
