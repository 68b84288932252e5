// Package heartbeat is a plugin that finds out when the other end of a
// connection is dead: a machine that lost its power, a cable that was cut, a
// firewall that forgot the connection. TCP alone may take hours to notice.
//
// # Use
//
//	peer := tp.NewPeer(cfg, heartbeat.New(heartbeat.Config{}))
//
// watches every session of the peer, dialed or accepted. Give it to NewPeer: a
// plugin that is added later sees an idle session only with its next packet.
//
// # What it does
//
// Every packet that comes, of any kind, is a sign of life. A session that brought
// none for a while (Config.Interval at most) is sent a PULL of Uri, and whatever
// is answered is the next sign of life: the handler that the plugin registers,
// and just as well the error 404 of a peer that never heard of heartbeats, or
// the 503 of one that has too much to do. So one side with the plugin is enough;
// where both have it, one side's question is the other's sign of life, and
// each goes at its own rate. A busy session is never asked.
//
// A session that brings nothing for Interval times Factor has its connection
// ended at that time at the latest, half an interval before at the earliest: its pending
// PULLs end with code 102, and a session that redials dials again and is watched
// on. Only time in which this process ran counts: one that was stopped for an
// hour does not take all others for dead when it wakes.
//
// A packet counts when it is whole. Where packets take long to arrive, choose
// Interval times Factor longer than the largest takes. A peer that hands unknown
// PULLs on (SetUnknown, a proxy) answers as fast as that goes.
//
// # What it costs
//
// An idle session has no timer and no goroutine: one timer a plugin value turns
// a wheel, and each session is looked at twice an interval, at times that
// are spread with Config.Jitter. No turn of the wheel looks at more than twice
// its even share of the sessions and 64 more: with 10,000 sessions and the
// interval of 30 s that is 689 every 0.47 s, whatever they do at the same time.
// A question is written by a goroutine that ends with the writing. A packet that comes
// costs a look-up and an atomic store.
//
// The timer stops with the last session, so there is nothing to close. One
// Heartbeat may serve several peers.
package heartbeat
