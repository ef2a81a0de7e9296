// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IController {
    function getContract(bytes32 id) external view returns (address);
    function owner() external view returns (address);
}

/// Stands in for every contract that Livepeer's TicketBroker talks to: Minter (keeps the ether),
/// RoundsManager (rounds and their block hashes), BondingManager (who may redeem, what they
/// earned). Only what the broker and a signer ask for is here. For local chains.
contract MockLivepeer {
    IController public immutable controller;

    uint256 public lastInitializedRound;
    uint256 public currentRoundStartBlock;
    bool public roundInitialized;
    uint256 public transcoderPoolSize = 5;
    mapping(uint256 => bytes32) public blockHashForRound;
    mapping(address => uint256) public feesEarnedWei;
    mapping(address => bool) public unregistered;
    mapping(address => string) public serviceURI;
    address[] private pool;
    mapping(address => uint256) private placeInPool;

    event NewRound(uint256 indexed round, bytes32 blockHash);
    event FeesEarned(address indexed transcoder, uint256 feesWei, uint256 round);

    modifier onlyBroker() {
        require(
            msg.sender == controller.getContract(keccak256("TicketBroker")),
            "caller must be TicketBroker"
        );
        _;
    }

    modifier onlyOwner() {
        require(msg.sender == controller.owner(), "caller must be Controller owner");
        _;
    }

    constructor(IController _controller) {
        controller = _controller;
        _startRound(1);
    }

    // Minter

    function depositETH() external payable onlyBroker returns (bool) {
        return true;
    }

    function trustedWithdrawETH(address payable to, uint256 amountWei) external onlyBroker {
        (bool sent, ) = to.call{value: amountWei}("");
        require(sent, "ether was not sent");
    }

    // RoundsManager

    function currentRound() public view returns (uint256) {
        return roundInitialized ? lastInitializedRound : lastInitializedRound + 1;
    }

    function currentRoundInitialized() external view returns (bool) {
        return roundInitialized;
    }

    function advanceRounds(uint256 rounds) external onlyOwner {
        require(rounds > 0, "rounds must be positive");
        _startRound(lastInitializedRound + rounds);
    }

    /// The time between the end of a round and the first transaction of the next.
    function setRoundInitialized(bool initialized) external onlyOwner {
        roundInitialized = initialized;
    }

    function _startRound(uint256 round) private {
        lastInitializedRound = round;
        currentRoundStartBlock = block.number;
        roundInitialized = true;
        bytes32 hash = blockhash(block.number - 1);
        blockHashForRound[round] = hash;
        emit NewRound(round, hash);
    }

    // BondingManager

    function getTranscoderPoolSize() external view returns (uint256) {
        return transcoderPoolSize;
    }

    function setTranscoderPoolSize(uint256 size) external onlyOwner {
        transcoderPoolSize = size;
    }

    function isRegisteredTranscoder(address transcoder) public view returns (bool) {
        return !unregistered[transcoder];
    }

    function isActiveTranscoder(address transcoder) external view returns (bool) {
        return !unregistered[transcoder];
    }

    function setRegistered(address transcoder, bool registered) external onlyOwner {
        unregistered[transcoder] = !registered;
    }

    /// The pool: whoever said where it serves, in that order.
    function getFirstTranscoderInPool() external view returns (address) {
        return pool.length == 0 ? address(0) : pool[0];
    }

    function getNextTranscoderInPool(address transcoder) external view returns (address) {
        uint256 place = placeInPool[transcoder];
        return place == 0 || place >= pool.length ? address(0) : pool[place];
    }

    function updateTranscoderWithFees(address transcoder, uint256 feesWei, uint256 round)
        external
        onlyBroker
    {
        require(isRegisteredTranscoder(transcoder), "transcoder must be registered");
        feesEarnedWei[transcoder] += feesWei;
        emit FeesEarned(transcoder, feesWei, round);
    }

    // ServiceRegistry

    function getServiceURI(address transcoder) external view returns (string memory) {
        return serviceURI[transcoder];
    }

    function setServiceURI(string calldata uri) external {
        serviceURI[msg.sender] = uri;
        if (placeInPool[msg.sender] == 0) {
            pool.push(msg.sender);
            placeInPool[msg.sender] = pool.length;
        }
    }
}
