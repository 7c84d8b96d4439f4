group_latency() {
  :
}
