group_curves() {
  :
}
